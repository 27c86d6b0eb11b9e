package io.matriarch.archiver.encryption;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * For whom is encrypted: a public key of X25519, as age writes it.
 *
 * @param text {@code age1} and 58 characters
 */
public record Recipient(String text) {

    private static final String PREFIX = "age1";
    private static final int FINGERPRINT_BYTES = 8;

    public Recipient {
        if (text.toUpperCase(Locale.ROOT).startsWith(Identity.PREFIX)) {
            throw new IllegalArgumentException(
                    "recipient: an identity, which is secret (expected: the public key of it, "
                            + PREFIX
                            + "…; 'age-keygen -y FILE' tells it)");
        }
        try {
            if (!text.startsWith(PREFIX)) {
                throw new IllegalArgumentException("another prefix");
            }
            RecipientStanzaWriter _ = writer(text);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "recipient: "
                            + text
                            + " (expected: "
                            + PREFIX
                            + "…, as 'age-keygen' prints it)",
                    e);
        }
    }

    /**
     * A name for the key that does not tell the key: who only reads a bucket learns nothing by
     * which something could be encrypted for it.
     */
    public String fingerprint() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }

    RecipientStanzaWriter writer() {
        try {
            return writer(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("recipient " + text + " was good before", e);
        }
    }

    private static RecipientStanzaWriter writer(String text) throws GeneralSecurityException {
        return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(text);
    }
}
