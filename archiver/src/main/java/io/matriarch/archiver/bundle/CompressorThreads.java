package io.matriarch.archiver.bundle;

import java.util.concurrent.Semaphore;

/**
 * Threads that compress one big file at a time, beside the thread that reads it. There is one set
 * of them for a backup, since each costs some megabytes outside the heap: who finds them taken
 * compresses by itself.
 */
public final class CompressorThreads {

    private final int count;
    private final Semaphore free = new Semaphore(1);

    /**
     * @param count with less than two they would be of no use, and are never handed out
     */
    public CompressorThreads(int count) {
        this.count = count;
    }

    /** How many the caller has from now on; 0 if none are free. To be given back. */
    int take() {
        return count > 1 && free.tryAcquire() ? count : 0;
    }

    void giveBack(int taken) {
        if (taken > 0) {
            free.release();
        }
    }
}
