package io.matriarch.ambassador.view;

import java.time.Duration;

/**
 * A moment on this machine's boot clock, which no step of the wall clock moves and which counts
 * suspension. Comparable only with moments of the same boot.
 *
 * @param nanos since boot
 */
public record BootTime(long nanos) implements Comparable<BootTime> {

    public static BootTime ofMillis(long millis) {
        return new BootTime(Math.multiplyExact(millis, 1_000_000L));
    }

    public BootTime plus(Duration duration) {
        return new BootTime(Math.addExact(nanos, duration.toNanos()));
    }

    /** How long from {@code earlier} to here; negative if it is later. */
    public Duration since(BootTime earlier) {
        return Duration.ofNanos(nanos - earlier.nanos);
    }

    public boolean isBefore(BootTime other) {
        return nanos < other.nanos;
    }

    /** Whether {@code deadline} has come. */
    public boolean hasReached(BootTime deadline) {
        return nanos >= deadline.nanos;
    }

    @Override
    public int compareTo(BootTime other) {
        return Long.compare(nanos, other.nanos);
    }
}
