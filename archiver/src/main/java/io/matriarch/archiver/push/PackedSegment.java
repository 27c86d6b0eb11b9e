package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.store.Body;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** One segment as it will be stored, in chunks of the pool until it is closed. */
final class PackedSegment implements AutoCloseable {

    private final ChunkPool pool;
    private final List<byte[]> chunks = new ArrayList<>();
    private int reserved;
    private int length;
    private boolean isWhole = true;

    PackedSegment(ChunkPool pool, int reserved) {
        this.pool = pool;
        this.reserved = reserved;
    }

    /** Takes what is left in {@code packed}, unless there is no room: then all is given up. */
    void append(ByteBuffer packed) {
        while (isWhole && packed.hasRemaining()) {
            int used = length % ChunkPool.CHUNK;
            if (used == 0 && !grow()) {
                giveUp();
                return;
            }
            int fits = Math.min(ChunkPool.CHUNK - used, packed.remaining());
            packed.get(chunks.getLast(), used, fits);
            length += fits;
        }
    }

    /** Takes what is written into it; closing it ends nothing. */
    WritableByteChannel channel() {
        return new Sink();
    }

    private final class Sink implements WritableByteChannel {

        private boolean isOpen = true;

        @Override
        public int write(ByteBuffer from) {
            int length = from.remaining();
            append(from);
            from.position(from.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public void close() {
            isOpen = false;
        }
    }

    /** The SHA-256 of all that was taken. */
    String sha256() {
        MessageDigest digest = WalContent.digest();
        int left = length;
        for (byte[] chunk : chunks) {
            int used = Math.min(left, chunk.length);
            digest.update(chunk, 0, used);
            left -= used;
        }
        return WalContent.of(length, digest).sha256();
    }

    private boolean grow() {
        if (chunks.size() == reserved) {
            if (!pool.tryGrow()) {
                return false;
            }
            reserved++;
        }
        chunks.add(pool.take());
        return true;
    }

    /** Lets go of everything; nothing is taken any more. */
    void giveUp() {
        isWhole = false;
        close();
    }

    /** Nothing more will come: what was reserved and is not needed is for others. */
    void trim() {
        pool.release(reserved - chunks.size());
        reserved = chunks.size();
    }

    /** Whether there was room for all so far. */
    boolean isWhole() {
        return isWhole;
    }

    int chunks() {
        return chunks.size();
    }

    /** Valid until this is closed. */
    Body body() {
        return Body.of(chunks, length);
    }

    @Override
    public void close() {
        pool.putBack(chunks);
        chunks.clear();
        trim();
    }
}
