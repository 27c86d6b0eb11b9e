package io.matriarch.archiver.pace;

import java.time.Duration;

/**
 * A limit on an amount for each second, as a pure rule: it knows when what was taken so far is paid
 * for, and says how long whoever takes more has to wait. What is not used is saved for a short
 * while only, so that a pause is not followed by a rush.
 *
 * @param perSecond how much may be taken in a second
 * @param paidAt nanoseconds of any monotonic clock
 */
public record TokenBucket(double perSecond, long paidAt) {

    /** How much may be saved up. */
    static final Duration SAVED = Duration.ofMillis(250);

    private static final double NANOS = 1e9;

    public TokenBucket {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException(
                    "rate: " + perSecond + " (expected: more than 0 for each second)");
        }
    }

    /** A full one. */
    public static TokenBucket of(double perSecond, long now) {
        return new TokenBucket(perSecond, now - SAVED.toNanos());
    }

    /** The bucket after {@code amount} was taken at {@code now}. */
    public TokenBucket take(long amount, long now) {
        long from = Math.max(paidAt - now, -SAVED.toNanos());
        return new TokenBucket(perSecond, now + from + (long) (amount / perSecond * NANOS));
    }

    /** How long to wait at {@code now} before anything more is taken. */
    public Duration delay(long now) {
        return Duration.ofNanos(Math.max(0, paidAt - now));
    }
}
