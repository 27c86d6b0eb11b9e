package io.matriarch.archiver.foreign;

import com.github.luben.zstd.Zstd;
import io.airlift.compress.v3.lzo.LzoCompressor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.Adler32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/** What WAL-G can be told to compress with. */
public enum Packing {
    LZ4("lz4") {
        @Override
        OutputStream onto(OutputStream out) throws IOException {
            return new FramedLZ4CompressorOutputStream(out);
        }
    },
    GZIP("gz") {
        @Override
        OutputStream onto(OutputStream out) throws IOException {
            return new GZIPOutputStream(out);
        }
    },
    LZMA("lzma") {
        @Override
        OutputStream onto(OutputStream out) throws IOException {
            return new LZMAOutputStream(out, new LZMA2Options(1), -1);
        }
    },
    ZSTD("zst") {
        @Override
        byte[] pack(byte[] plain) {
            return Zstd.compress(plain);
        }
    },
    LZOP("lzo") {
        @Override
        byte[] pack(byte[] plain) throws IOException {
            return lzop(plain);
        }
    },
    BROTLI("br") {
        @Override
        byte[] pack(byte[] plain) {
            return brotli(plain);
        }
    },
    NONE("") {
        @Override
        byte[] pack(byte[] plain) {
            return plain;
        }
    };

    private static final int BLOCK = 256 << 10;

    private final String ending;

    Packing(String ending) {
        this.ending = ending;
    }

    /** With its dot; old writers left the dot where nothing follows. */
    String ending() {
        return "." + ending;
    }

    OutputStream onto(OutputStream out) throws IOException {
        return out;
    }

    byte[] pack(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = onto(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    /** As {@code lzop} writes it from its standard input, with both checksums. */
    private static byte[] lzop(byte[] plain) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream fields = new DataOutputStream(header);
        fields.writeShort(0x1040);
        fields.writeShort(0x20A0);
        fields.writeShort(0x0940);
        fields.writeByte(1);
        fields.writeByte(5);
        fields.writeInt(0x3);
        fields.writeInt(0100644);
        fields.writeInt(0);
        fields.writeInt(0);
        fields.writeByte(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(new byte[] {(byte) 0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1A, '\n'});
        out.write(header.toByteArray());
        out.writeInt(adler(header.toByteArray()));
        LzoCompressor compressor = new LzoCompressor();
        for (int from = 0; from < plain.length; from += BLOCK) {
            byte[] block = Arrays.copyOfRange(plain, from, Math.min(plain.length, from + BLOCK));
            byte[] room = new byte[compressor.maxCompressedLength(block.length)];
            int length = compressor.compress(block, 0, block.length, room, 0, room.length);
            out.writeInt(block.length);
            if (length < block.length) {
                byte[] packed = Arrays.copyOf(room, length);
                out.writeInt(length);
                out.writeInt(adler(block));
                out.writeInt(adler(packed));
                out.write(packed);
            } else {
                out.writeInt(block.length);
                out.writeInt(adler(block));
                out.write(block);
            }
        }
        out.writeInt(0);
        return bytes.toByteArray();
    }

    private static int adler(byte[] bytes) {
        Adler32 sum = new Adler32();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    /** Blocks that are stored as they are: RFC 7932, 9.2. */
    private static byte[] brotli(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int begun = 0;
        int bits = 1;
        for (int from = 0; from < plain.length; from += 1 << 16) {
            int length = Math.min(plain.length - from, 1 << 16);
            // Not the last, four nibbles of length - 1, not compressed.
            int header = (length - 1) << 3 | 1 << 19;
            int used = 20 + bits;
            int word = begun | header << bits;
            for (int i = 0; i < (used + 7) / 8; i++) {
                out.write(word >>> (8 * i));
            }
            out.write(plain, from, length);
            begun = 0;
            bits = 0;
        }
        // The last, and empty.
        out.write(begun | 3 << bits);
        return out.toByteArray();
    }
}
