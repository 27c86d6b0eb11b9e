package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Tries a call again while its trouble is transient, with growing, scattered pauses, until its time
 * is over.
 */
final class Retry {

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final Duration patience;

    Retry(Duration patience) {
        this.patience = patience;
    }

    /**
     * The first answer that is not transient trouble, or the last trouble.
     *
     * @throws StoreException the last trouble
     */
    <T> T call(Supplier<T> attempt) {
        long deadline = System.nanoTime() + patience.toNanos();
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return attempt.get();
            } catch (StoreException e) {
                long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
                boolean isLate = System.nanoTime() + wait * 1_000_000 > deadline;
                if (!e.isTransient() || isLate || !pause(wait)) {
                    throw e;
                }
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        }
    }

    /** Whether the pause went by; an interruption ends the tries and is kept for the caller. */
    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
