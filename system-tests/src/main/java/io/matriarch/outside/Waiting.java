package io.matriarch.outside;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for something to come true. */
public final class Waiting {

    private static final Duration LOOK = Duration.ofMillis(50);

    private Waiting() {}

    /**
     * Returns how long it took.
     *
     * @throws OutsideException if it has not come true in time
     */
    public static Duration until(String what, Duration patience, BooleanSupplier condition)
            throws InterruptedException {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > patience.toNanos()) {
                throw new OutsideException("not within " + patience.toSeconds() + " s: " + what);
            }
            Thread.sleep(LOOK);
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
