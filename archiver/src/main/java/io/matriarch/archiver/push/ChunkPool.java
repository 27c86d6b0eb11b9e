package io.matriarch.archiver.push;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;

/**
 * Memory for compressed segments on their way to the store: one bound for all lanes together,
 * whatever the segments' size and however badly they compress. Nobody waits here, so nobody can
 * wait for ever: a segment that finds no room is compressed while it is sent instead.
 */
final class ChunkPool {

    static final int CHUNK = 128 << 10;

    /** Four segments of 16 MB that compress to five sixteenths; WAL is rarely worse. */
    static final int CHUNKS = (20 << 20) / CHUNK;

    private final int most;
    private final Deque<byte[]> idle = new ArrayDeque<>();
    private int made;

    ChunkPool(int most) {
        this.most = most;
    }

    synchronized Optional<byte[]> take() {
        if (idle.isEmpty() && made < most) {
            made++;
            return Optional.of(new byte[CHUNK]);
        }
        return Optional.ofNullable(idle.pollLast());
    }

    synchronized void giveBack(Collection<byte[]> chunks) {
        idle.addAll(chunks);
    }

    /** How many are in use. */
    synchronized int used() {
        return made - idle.size();
    }
}
