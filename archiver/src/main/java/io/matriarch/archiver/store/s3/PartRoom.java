package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.PartLimits;
import java.util.concurrent.Semaphore;

/**
 * Memory for parts on their way to a store: one bound for all uploads of a process together, since
 * there is one heap, and whoever exhausts it ends the process with all that depends on it.
 *
 * <p>One waits for room only while one holds none, so nobody can wait for ever.
 */
final class PartRoom {

    private static final int UNIT = 64 << 10;

    /** What a sidecar keeps in its heap beside parts: see decision 14. */
    private static final long ELSE = 56L << 20;

    static final PartRoom OF_THIS_PROCESS = new PartRoom(within(Runtime.getRuntime().maxMemory()));

    private final int units;
    private final Semaphore free;

    PartRoom(long bytes) {
        this.units = Math.toIntExact(bytes / UNIT);
        this.free = new Semaphore(units, true);
    }

    /** How much of a heap may go to parts, in bytes: to one of the usual size in any case. */
    static long within(long heap) {
        return Math.max(heap - ELSE, PartLimits.DEFAULT.first());
    }

    /** The largest part that there is room for, in bytes. */
    long most() {
        return (long) units * UNIT;
    }

    /** Waits for room; to be called by those who hold none, for {@link #most} at most. */
    void reserve(int bytes) throws InterruptedException {
        free.acquire(units(bytes));
    }

    /** Whether somebody waits, to whom one should leave the room between two parts. */
    boolean isWanted() {
        return free.hasQueuedThreads();
    }

    void release(int bytes) {
        free.release(units(bytes));
    }

    private static int units(int bytes) {
        return Math.ceilDiv(bytes, UNIT);
    }
}
