package io.matriarch.elector.draining;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.vouching.Seal;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Questions about sessions and their answers as they travel, each a line under the cluster's seal.
 * An answer holds the seal of its question, so it can be the answer to no other.
 */
public final class SessionLetters {

    /** What is answered to whatever is not a question of this cluster to this primary. */
    public static final String REFUSED = "refused";

    private static final String QUESTION = "owing1";
    private static final String ANSWER = "owed1";
    private static final int HEAD = 4;
    private static final int LONGEST = 4 << 20;

    private final Supplier<String> secret;
    private volatile @Nullable Seal seal;

    /**
     * @param secret the cluster's; asked for with the first letter, and again until it is known
     */
    public SessionLetters(Supplier<String> secret) {
        this.secret = secret;
    }

    private Seal seal() {
        Seal known = seal;
        if (known == null) {
            known = new Seal(secret.get());
            seal = known;
        }
        return known;
    }

    /**
     * @param sessions where the primary sees them come from
     */
    public record SessionsAsked(Epoch epoch, List<InetSocketAddress> sessions) {
        public SessionsAsked {
            sessions = List.copyOf(sessions);
        }
    }

    /**
     * @param nonce made up for this question, without blanks
     */
    public String question(MemberName to, SessionsAsked asked, String nonce) {
        String head = "%s %s %s %s".formatted(QUESTION, to, asked.epoch(), nonce);
        return seal().sealed(
                        asked.sessions().stream()
                                .map(SessionLetters::text)
                                .collect(Collectors.joining("", head, "")));
    }

    private static String text(InetSocketAddress session) {
        String host = session.getAddress().getHostAddress();
        return " " + withoutZone(host) + "," + session.getPort();
    }

    private static String withoutZone(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    /** What is asked of this member; empty if it is no question, or not from this cluster. */
    public Optional<SessionsAsked> read(String question, MemberName self) {
        if (question.length() > LONGEST || !seal().isSealed(question)) {
            return Optional.empty();
        }
        String[] words = question.split(" ", -1);
        if (words.length <= HEAD || !words[0].equals(QUESTION) || !words[1].equals(self.value())) {
            return Optional.empty();
        }
        List<InetSocketAddress> sessions = new ArrayList<>();
        for (int i = HEAD; i < words.length - 1; i++) {
            sessions.add(session(words[i]));
        }
        return Optional.of(new SessionsAsked(Epoch.parse(words[2]), sessions));
    }

    private static InetSocketAddress session(String word) {
        int comma = word.lastIndexOf(',');
        if (comma < 0) {
            throw new IllegalArgumentException("session: " + word + " (expected: address,port)");
        }
        return new InetSocketAddress(
                SessionJudgement.address(word.substring(0, comma)),
                Integer.parseInt(word.substring(comma + 1)));
    }

    /**
     * @param owed in the order of the question
     */
    public String answer(String question, List<Owed> owed) {
        StringBuilder letters = new StringBuilder("-");
        owed.forEach(each -> letters.append(each.letter()));
        return seal().sealed(ANSWER + " " + ofQuestion(question) + " " + letters);
    }

    /** What was answered to this very question, in its order; empty if nothing was. */
    public List<Owed> read(String answer, String question, int count) {
        String[] words = answer.length() > LONGEST ? new String[0] : answer.split(" ", -1);
        boolean isAnswer =
                words.length == HEAD
                        && words[0].equals(ANSWER)
                        && words[1].equals(ofQuestion(question))
                        && words[2].length() == count + 1
                        && seal().isSealed(answer);
        return isAnswer
                ? words[2].substring(1).chars().mapToObj(c -> Owed.of((char) c)).toList()
                : List.of();
    }

    private static String ofQuestion(String question) {
        return question.substring(question.lastIndexOf(' ') + 1);
    }
}
