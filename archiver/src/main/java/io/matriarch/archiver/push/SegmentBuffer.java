package io.matriarch.archiver.push;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.matriarch.archiver.store.Body;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Room for one segment and its compressed form, made once and used again and again. */
final class SegmentBuffer implements AutoCloseable {

    private final byte[] raw;
    private final byte[] compressed;
    private final ZstdCompressCtx compressor;

    SegmentBuffer(int size, int compressionLevel) {
        this.raw = new byte[size];
        this.compressed = new byte[Math.toIntExact(Zstd.compressBound(size))];
        this.compressor = new ZstdCompressCtx().setLevel(compressionLevel).setChecksum(true);
    }

    void fill(InputStream in) throws IOException {
        if (in.readNBytes(raw, 0, raw.length) < raw.length) {
            throw new EOFException("the file became shorter while it was read");
        }
    }

    byte[] raw() {
        return raw;
    }

    void digest(MessageDigest sha256) {
        sha256.update(raw);
    }

    /** The compressed content; valid until the buffer is filled again. */
    Body compress() {
        int size =
                compressor.compressByteArray(compressed, 0, compressed.length, raw, 0, raw.length);
        return Body.of(compressed, size);
    }

    @Override
    public void close() {
        compressor.close();
    }
}
