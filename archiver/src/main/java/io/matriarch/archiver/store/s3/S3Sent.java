package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.BytesBody;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Checksum;

/**
 * What one request carries to the store, by its digests: the store's answer is held against them.
 * MD5 is computed only if it is asked for, and then before the content's memory is used again.
 */
final class S3Sent {

    /** What an answer proves. */
    enum Proof {
        /** The store holds what was sent. */
        SAME,
        /** The store holds something else. */
        OTHER,
        /** The tag looks like a digest, of something else: damage, or a tag that is none. */
        DOUBTFUL,
        /** The answer tells nothing about the content. */
        NONE
    }

    /** What is remembered of it when its memory is used again. */
    record Part(long length, long crc32) {

        boolean isSame(Checksum readBack) {
            return readBack.getValue() == crc32;
        }

        /** Whether the store tells of another checksum. */
        boolean isOther(S3Receipt answer) {
            return answer.crc32().filter(told -> !told.equals(text(crc32))).isPresent();
        }
    }

    private final BytesBody content;
    private final Part part;
    private Optional<byte[]> md5 = Optional.empty();

    private S3Sent(BytesBody content) {
        this.content = content;
        CRC32 checksum = new CRC32();
        feed(content, into(checksum));
        this.part = new Part(content.length(), checksum.getValue());
    }

    static S3Sent of(BytesBody content) {
        return new S3Sent(content);
    }

    Part part() {
        return part;
    }

    /** As {@code Content-MD5} has it. */
    String contentMd5() {
        return Base64.getEncoder().encodeToString(md5());
    }

    /** As {@code x-amz-checksum-crc32} has it. */
    String checksumCrc32() {
        return text(part.crc32());
    }

    Proof proof(S3Receipt answer) {
        if (answer.crc32().isPresent()) {
            return part.isOther(answer) ? Proof.OTHER : Proof.SAME;
        }
        String tag = answer.tag().replace("\"", "").toLowerCase(Locale.ROOT);
        if (answer.isTagNoDigest() || !tag.matches("[0-9a-f]{32}")) {
            return Proof.NONE;
        }
        return tag.equals(HexFormat.of().formatHex(md5())) ? Proof.SAME : Proof.DOUBTFUL;
    }

    private byte[] md5() {
        byte[] known = md5.orElseGet(this::computeMd5);
        md5 = Optional.of(known);
        return known;
    }

    private byte[] computeMd5() {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            feed(content, into(digest));
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("MD5 is part of every Java", e);
        }
    }

    private static String text(long crc32) {
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc32).array();
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static void feed(BytesBody content, OutputStream digest) {
        try {
            content.writeTo(digest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OutputStream into(Checksum checksum) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                checksum.update(b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                checksum.update(bytes, offset, length);
            }
        };
    }

    private static OutputStream into(MessageDigest digest) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                digest.update((byte) b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                digest.update(bytes, offset, length);
            }
        };
    }
}
