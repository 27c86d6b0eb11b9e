package io.matriarch.archiver.s3;

import io.matriarch.archiver.s3.DoubleReply.Refusal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** The digests that S3 knows, apart from CRC-64. */
final class Digests {

    static final String PREFIX = "x-amz-checksum-";

    private Digests() {}

    /** The checksums that came with a body, all of them right. */
    static Map<String, String> verified(DoubleRequest request) {
        Optional<String> md5 = request.header("content-md5");
        if (md5.isPresent() && !md5.get().equals(base64(digest("MD5", request.body())))) {
            throw new Refusal(400, "BadDigest", "Content-MD5 is another");
        }
        Map<String, String> checksums = new TreeMap<>();
        request.headers()
                .forEach((name, value) -> {
                    if (!name.startsWith(PREFIX)
                            || name.endsWith("-mode")
                            || name.endsWith("algorithm")) {
                        return;
                    }
                    if (!value.equals(of(name.substring(PREFIX.length()), request.body()))) {
                        throw new Refusal(400, "BadDigest", name + " is another");
                    }
                    checksums.put(name, value);
                });
        return checksums;
    }

    /** Checksums of the same kinds, of another content. */
    static Map<String, String> again(Map<String, String> checksums, byte[] content) {
        Map<String, String> again = new TreeMap<>();
        checksums.forEach(
                (name, _) -> again.put(name, of(name.substring(PREFIX.length()), content)));
        return again;
    }

    static String of(String algorithm, byte[] body) {
        return switch (algorithm.toLowerCase(Locale.ROOT)) {
            case "crc32" -> crc(new CRC32(), body);
            case "crc32c" -> crc(new CRC32C(), body);
            case "sha1" -> base64(digest("SHA-1", body));
            case "sha256" -> base64(digest("SHA-256", body));
            default -> throw new Refusal(501, "NotImplemented", algorithm);
        };
    }

    private static String crc(Checksum checksum, byte[] body) {
        checksum.update(body);
        return base64(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }

    static String etag(byte[] body) {
        return HexFormat.of().formatHex(digest("MD5", body));
    }

    static byte[] digest(String algorithm, byte[] body) {
        try {
            return MessageDigest.getInstance(algorithm).digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
