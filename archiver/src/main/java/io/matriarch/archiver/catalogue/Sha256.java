package io.matriarch.archiver.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest that names the bytes of every object. */
public final class Sha256 {

    private static final int STEP = 64 << 10;

    private Sha256() {}

    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** In lower-case hexadecimal. */
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(newDigest().digest(bytes));
    }

    /** The same of all that comes; {@code stream} is closed. */
    public static String hex(InputStream stream) throws IOException {
        MessageDigest digest = newDigest();
        try (stream) {
            byte[] step = new byte[STEP];
            for (int got = stream.read(step); got >= 0; got = stream.read(step)) {
                digest.update(step, 0, got);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
