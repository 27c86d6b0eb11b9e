package io.matriarch.archiver.push;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/**
 * Memory for compressed segments on their way to the store: one bound for all lanes together,
 * whatever the segments' size and however badly they compress.
 *
 * <p>One waits for room only while one holds none, so nobody can wait for ever: whoever holds room
 * and finds none to grow gives all of it back first.
 */
final class ChunkPool {

    static final int CHUNK = 128 << 10;

    /** Room for a segment of 16 MB that does not compress at all, or for four that do. */
    static final int CHUNKS = (20 << 20) / CHUNK;

    private final int most;
    private final Semaphore room;
    private final Deque<byte[]> idle = new ArrayDeque<>();

    ChunkPool(int most) {
        this.most = most;
        this.room = new Semaphore(most, true);
    }

    /** How many chunks a segment may need: one more for what cannot be compressed. */
    static int chunksOf(long bytes) {
        return Math.toIntExact(bytes / CHUNK + 1);
    }

    boolean canHold(int chunks) {
        return chunks <= most;
    }

    /** Waits for room; to be called by those who hold none. */
    PackedSegment reserve(int chunks) throws InterruptedException {
        int granted = Math.min(chunks, most);
        room.acquire(granted);
        return new PackedSegment(this, granted);
    }

    /** Room for one chunk more, if there is any now. */
    boolean tryGrow() {
        return room.tryAcquire();
    }

    /** A chunk for which there is room. */
    synchronized byte[] take() {
        byte[] free = idle.pollLast();
        return free != null ? free : new byte[CHUNK];
    }

    synchronized void putBack(Collection<byte[]> chunks) {
        idle.addAll(chunks);
    }

    void release(int chunks) {
        room.release(chunks);
    }

    /** How many chunks are reserved. */
    int used() {
        return most - room.availablePermits();
    }
}
