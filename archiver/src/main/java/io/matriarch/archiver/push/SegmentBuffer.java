package io.matriarch.archiver.push;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.matriarch.archiver.encryption.Keyring;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;

/**
 * What one thread needs to read, digest and compress a segment, made once and used again and again:
 * the file passes through a small buffer, so that no segment is ever in memory uncompressed.
 */
final class SegmentBuffer implements AutoCloseable {

    private static final int STEP = 256 << 10;

    private final ByteBuffer raw = ByteBuffer.allocateDirect(STEP);
    private final byte[] step = new byte[STEP];
    private final ByteBuffer packed = ByteBuffer.allocateDirect(ChunkPool.CHUNK);
    private final ZstdCompressCtx compressor;

    SegmentBuffer(int compressionLevel) {
        this.compressor = new ZstdCompressCtx().setLevel(compressionLevel).setChecksum(true);
    }

    /** Looks at each step of a file, in their order, before anything is done with it. */
    @FunctionalInterface
    interface Inspection {
        void inspect(ByteBuffer step) throws WalReader.UnfitException;
    }

    /**
     * Reads a file of exactly {@code size} bytes from its beginning.
     *
     * @param keyring for whom the compressed form is encrypted
     * @param into takes it, as long as there is room
     */
    void read(
            FileChannel file,
            long size,
            Inspection inspection,
            MessageDigest digest,
            Keyring keyring,
            PackedSegment into)
            throws IOException, WalReader.UnfitException {
        try (WritableByteChannel stored = keyring.encrypting(into.channel())) {
            read(file, size, inspection, digest, into, stored);
        }
    }

    private void read(
            FileChannel file,
            long size,
            Inspection inspection,
            MessageDigest digest,
            PackedSegment into,
            WritableByteChannel stored)
            throws IOException, WalReader.UnfitException {
        compressor.reset();
        compressor.setPledgedSrcSize(size);
        long done = 0;
        while (done < size) {
            int length = fill(file, Math.min(STEP, size - done));
            inspection.inspect(raw.asReadOnlyBuffer());
            done += length;
            raw.get(0, step, 0, length);
            digest.update(step, 0, length);
            if (into.isWhole()) {
                compress(done == size ? EndDirective.END : EndDirective.CONTINUE, stored);
            }
        }
    }

    private int fill(FileChannel file, long length) throws IOException {
        raw.clear().limit((int) length);
        while (raw.hasRemaining()) {
            if (file.read(raw) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        raw.flip();
        return raw.limit();
    }

    /** {@code END} asks again and again until all is written; without it, until all is taken in. */
    private void compress(EndDirective directive, WritableByteChannel stored) throws IOException {
        boolean isOver = false;
        while (!isOver) {
            packed.clear();
            boolean isFlushed = compressor.compressDirectByteBufferStream(packed, raw, directive);
            stored.write(packed.flip());
            isOver = directive == EndDirective.END ? isFlushed : !raw.hasRemaining();
        }
    }

    @Override
    public void close() {
        compressor.close();
    }
}
