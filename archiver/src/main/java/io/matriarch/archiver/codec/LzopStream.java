package io.matriarch.archiver.codec;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lzo.LzoDecompressor;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code lzop} has written, several files one after the other too, and compares every
 * checksum that is there.
 */
final class LzopStream extends InputStream {

    private static final long MAGIC_HIGH = 0x894C5A4F000D0A1AL;
    private static final int MAGIC_LOW = 0x0A;

    private static final int WITH_LEVEL = 0x0940;
    private static final int NEWEST_NEEDED = 0x1040;

    private static final int ADLER_PLAIN = 0x1;
    private static final int ADLER_PACKED = 0x2;
    private static final int EXTRA_FIELD = 0x40;
    private static final int CRC_PLAIN = 0x100;
    private static final int CRC_PACKED = 0x200;
    private static final int FILTER = 0x800;
    private static final int CRC_HEADER = 0x1000;

    /** {@code lzop} makes none that is larger. */
    private static final int LARGEST_BLOCK = 64 << 20;

    private final DataInputStream in;
    private final LzoDecompressor decompressor = new LzoDecompressor();
    private byte[] plain = {};
    private byte[] packed = {};
    private int position;
    private int limit;
    private int flags;
    private boolean isEnded;

    LzopStream(InputStream packed) throws IOException {
        this.in = new DataInputStream(packed);
        header(in.readUnsignedByte());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == limit) {
            if (isEnded || !next()) {
                isEnded = true;
                return -1;
            }
        }
        int taken = Math.min(length, limit - position);
        System.arraycopy(plain, position, bytes, offset, taken);
        position += taken;
        return taken;
    }

    /** Fills the block, or goes over to the file that follows; whether there was either. */
    private boolean next() throws IOException {
        try {
            int size = in.readInt();
            if (size != 0) {
                block(size);
                return true;
            }
            int first = in.read();
            if (first < 0) {
                return false;
            }
            header(first);
            return true;
        } catch (EOFException e) {
            throw new CodecException("truncated: ends within the compressed data", e);
        }
    }

    private void header(int first) throws IOException {
        long high = (long) first << 56;
        for (int i = 6; i >= 0; i--) {
            high |= (long) in.readUnsignedByte() << (8 * i);
        }
        if (high != MAGIC_HIGH || in.readUnsignedByte() != MAGIC_LOW) {
            throw new CodecException("no lzop data where some should begin");
        }
        Header header = new Header();
        int version = header.number(2);
        header.number(2);
        int needed = version >= WITH_LEVEL ? header.number(2) : version;
        int method = header.number(1);
        if (needed > NEWEST_NEEDED || method < 1 || method > 3) {
            throw new CodecException(
                    "lzop version "
                            + Integer.toHexString(needed)
                            + ", method "
                            + method
                            + " (expected: at most "
                            + Integer.toHexString(NEWEST_NEEDED)
                            + ", and LZO1X)");
        }
        if (version >= WITH_LEVEL) {
            header.number(1);
        }
        flags = header.number(4);
        if (has(FILTER)) {
            throw new CodecException("lzop filter (expected: none)");
        }
        header.number(4);
        header.number(4);
        if (version >= WITH_LEVEL) {
            header.number(4);
        }
        header.skip(header.number(1));
        header.end();
        if (has(EXTRA_FIELD)) {
            Header extra = new Header();
            int length = extra.number(4);
            if (length < 0 || length > LARGEST_BLOCK) {
                throw new CodecException("lzop extra field of " + length + " bytes");
            }
            extra.skip(length);
            extra.end();
        }
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private void block(int size) throws IOException {
        int stored = in.readInt();
        if (size < 0 || size > LARGEST_BLOCK || stored <= 0 || stored > size) {
            throw new CodecException(
                    "block of %d bytes, stored as %d (expected: at most %d, and no more)"
                            .formatted(
                                    Integer.toUnsignedLong(size),
                                    Integer.toUnsignedLong(stored),
                                    LARGEST_BLOCK));
        }
        Integer adlerPlain = has(ADLER_PLAIN) ? (Integer) in.readInt() : null;
        Integer crcPlain = has(CRC_PLAIN) ? (Integer) in.readInt() : null;
        boolean isPacked = stored < size;
        Integer adlerPacked = isPacked && has(ADLER_PACKED) ? (Integer) in.readInt() : null;
        Integer crcPacked = isPacked && has(CRC_PACKED) ? (Integer) in.readInt() : null;
        plain = plain.length < size ? new byte[size] : plain;
        if (isPacked) {
            packed = packed.length < stored ? new byte[stored] : packed;
            in.readFully(packed, 0, stored);
            compare("Adler-32 of a compressed block", new Adler32(), adlerPacked, packed, stored);
            compare("CRC-32 of a compressed block", new CRC32(), crcPacked, packed, stored);
            decompress(stored, size);
        } else {
            in.readFully(plain, 0, size);
        }
        compare("Adler-32 of a block", new Adler32(), adlerPlain, plain, size);
        compare("CRC-32 of a block", new CRC32(), crcPlain, plain, size);
        position = 0;
        limit = size;
    }

    private void decompress(int stored, int size) throws CodecException {
        int found;
        try {
            found = decompressor.decompress(packed, 0, stored, plain, 0, size);
        } catch (MalformedInputException | IllegalArgumentException e) {
            throw new CodecException("block cannot be unpacked: " + e.getMessage(), e);
        }
        if (found != size) {
            throw new CodecException("block of " + found + " bytes (expected: " + size + ")");
        }
    }

    private static void compare(
            String what, Checksum sum, @Nullable Integer expected, byte[] bytes, int length)
            throws CodecException {
        if (expected == null) {
            return;
        }
        sum.update(bytes, 0, length);
        require(what, (int) sum.getValue(), expected);
    }

    private static void require(String what, int found, int expected) throws CodecException {
        if (found != expected) {
            throw new CodecException("%s: %08x (expected: %08x)".formatted(what, found, expected));
        }
    }

    /** Reads numbers and sums them up, by both ways: which one counts the flags tell. */
    private final class Header {

        private final Adler32 adler = new Adler32();
        private final CRC32 crc = new CRC32();

        private int number(int bytes) throws IOException {
            int number = 0;
            for (int i = 0; i < bytes; i++) {
                int next = in.readUnsignedByte();
                adler.update(next);
                crc.update(next);
                number = number << 8 | next;
            }
            return number;
        }

        private void skip(int bytes) throws IOException {
            for (int i = 0; i < bytes; i++) {
                number(1);
            }
        }

        private void end() throws IOException {
            Checksum sum = has(CRC_HEADER) ? crc : adler;
            require("checksum of the lzop header", (int) sum.getValue(), in.readInt());
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
