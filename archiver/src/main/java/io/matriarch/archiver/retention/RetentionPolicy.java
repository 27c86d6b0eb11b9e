package io.matriarch.archiver.retention;

import java.time.Duration;
import java.util.Optional;

/**
 * What is promised to be kept. Each promise holds by itself; a backup goes if none of them keeps
 * it.
 *
 * @param count so many of the newest restorable backups; 0 for none by count
 * @param window every moment so far back stays reachable
 * @param periods the newest backup of so many days, weeks, months, years
 * @param floor whatever the rest says, so many restorable backups stay, the newest first
 */
public record RetentionPolicy(int count, Optional<Duration> window, Periods periods, int floor) {

    /** What holds where nothing is configured. */
    public static final RetentionPolicy DEFAULT =
            new RetentionPolicy(7, Optional.of(Duration.ofDays(7)), Periods.NONE, 1);

    public RetentionPolicy {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "retention count: " + count + " (expected: 0 or more)");
        }
        if (window.isPresent() && !window.get().isPositive()) {
            throw new IllegalArgumentException(
                    "retention window: " + window.get() + " (expected: a positive duration)");
        }
        if (floor < 1) {
            throw new IllegalArgumentException(
                    "retention floor: " + floor + " (expected: at least 1)");
        }
        if (count == 0 && window.isEmpty() && periods.isEmpty()) {
            throw new IllegalArgumentException(
                    "retention keeps nothing (expected: at least one of count, window, daily,"
                            + " weekly, monthly and yearly)");
        }
    }

    public static RetentionPolicy keep(int count) {
        return new RetentionPolicy(count, Optional.empty(), Periods.NONE, 1);
    }

    public RetentionPolicy withCount(int other) {
        return new RetentionPolicy(other, window, periods, floor);
    }

    public RetentionPolicy withWindow(Duration duration) {
        return new RetentionPolicy(count, Optional.of(duration), periods, floor);
    }

    public RetentionPolicy with(Period period, int number) {
        return new RetentionPolicy(count, window, periods.with(period, number), floor);
    }

    public RetentionPolicy withFloor(int other) {
        return new RetentionPolicy(count, window, periods, other);
    }
}
