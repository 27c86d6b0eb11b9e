package io.matriarch.archiver.push;

import io.matriarch.archiver.store.Body;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The compressed form of one segment, in chunks of the pool until it is closed. */
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
