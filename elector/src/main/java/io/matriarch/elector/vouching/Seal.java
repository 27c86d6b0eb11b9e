package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Appeals and vows as they travel: a line of words, the last of which proves that the sender knows
 * the cluster's secret (HMAC-SHA256). An answer is bound to the question by its nonce and its
 * number, so neither a stranger nor an old message can vouch, or make a member vow.
 */
public final class Seal {

    /** What is answered to whatever is not a question from this cluster, or is refused. */
    public static final String REFUSED = "refused";

    private static final String ALGORITHM = "HmacSHA256";
    private static final String QUESTION = "vouch1";
    private static final String ANSWER = "vowed1";
    private static final int WORDS = 7;
    private static final int LONGEST = 1000;

    private final SecretKeySpec key;

    public Seal(String secret) {
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /**
     * A question to one member.
     *
     * @param nonce made up for this question, without blanks
     */
    public String question(Appeal appeal, MemberName to, String nonce) {
        return sealed(
                "%s %s %s %s %d %s"
                        .formatted(
                                QUESTION,
                                to,
                                appeal.epoch(),
                                appeal.primary(),
                                appeal.number(),
                                nonce));
    }

    /** The appeal of a question to this member; empty if it is none, or not from this cluster. */
    public Optional<Appeal> read(String question, MemberName self) {
        String[] words = question.length() > LONGEST ? new String[0] : question.split(" ", -1);
        boolean isGenuine =
                words.length == WORDS
                        && words[0].equals(QUESTION)
                        && words[1].equals(self.value())
                        && isSealed(question);
        if (!isGenuine) {
            return Optional.empty();
        }
        return Optional.of(
                new Appeal(
                        Epoch.parse(words[2]), new MemberName(words[3]), Long.parseLong(words[4])));
    }

    /** The vow that answers a question. */
    public String vow(String question) {
        return sealed(ANSWER + " " + mac(question));
    }

    /** Whether an answer is the vow of a member who got this very question. */
    public boolean isVow(String answer, String question) {
        return same(answer, vow(question));
    }

    /** The same text with a last word that proves that its sender knows the secret. */
    public String sealed(String text) {
        return text + " " + mac(text);
    }

    /** Whether the last word of a line is the proof of all before it. */
    public boolean isSealed(String line) {
        int end = line.lastIndexOf(' ');
        return end > 0 && same(line, sealed(line.substring(0, end)));
    }

    /** In a time that does not tell how much of it is right. */
    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private String mac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing in this JDK", e);
        }
    }
}
