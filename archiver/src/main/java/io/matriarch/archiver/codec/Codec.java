package io.matriarch.archiver.codec;

import io.matriarch.archiver.store.StoredContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.brotli.dec.BrotliInputStream;
import org.tukaani.xz.LZMAInputStream;

/**
 * What other archivers compress with. All but Brotli are known by their first bytes; the ends of
 * names are not to be trusted, since settings change over the years.
 */
enum Codec {
    LZOP("lzo", "894C5A4F000D0A1A0A") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return new LzopStream(packed);
        }
    },
    LZ4("lz4", "04224D18") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return new FramedLZ4CompressorInputStream(packed, true);
        }
    },
    ZSTD("zst", "28B52FFD") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return StoredContent.unpacked(packed);
        }
    },
    GZIP("gz", "1F8B08") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return GzipCompressorInputStream.builder()
                    .setInputStream(packed)
                    .setDecompressConcatenated(true)
                    .get();
        }
    },
    /** Its first bytes are its usual properties and the low half of a dictionary's size. */
    LZMA("lzma", "5D0000") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return new LZMAInputStream(packed, LZMA_KILOBYTES);
        }
    },
    BROTLI("br", "") {
        @Override
        InputStream open(InputStream packed) throws IOException {
            return new BrotliInputStream(packed);
        }
    };

    /** WAL-G's dictionaries take 8 MB. */
    private static final int LZMA_KILOBYTES = 128 << 10;

    private final String ending;
    private final String magic;

    /**
     * @param magic the first bytes, in hexadecimal; empty if there is no telling by them
     */
    Codec(String ending, String magic) {
        this.ending = ending;
        this.magic = magic;
    }

    /** How names of such objects end. */
    String ending() {
        return ending;
    }

    abstract InputStream open(InputStream packed) throws IOException;

    /** By the first bytes of an object; empty if they are of none that is known by them. */
    static Optional<Codec> of(byte[] first) {
        String begun =
                HexFormat.of().withUpperCase().formatHex(first, 0, Math.min(9, first.length));
        return Arrays.stream(values())
                .filter(codec -> !codec.magic.isEmpty() && begun.startsWith(codec.magic))
                .findFirst();
    }

    /** By the end of an object's name. */
    static Optional<Codec> named(String name) {
        return Arrays.stream(values())
                .filter(codec -> name.endsWith("." + codec.ending))
                .findFirst();
    }
}
