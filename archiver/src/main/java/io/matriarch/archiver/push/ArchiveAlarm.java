package io.matriarch.archiver.push;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * When somebody must be told that WAL piles up.
 *
 * @param age of the oldest file that waits
 * @param freePercent of the volume of {@code pg_wal}, below which it is nearly full
 */
public record ArchiveAlarm(Duration age, int freePercent) {

    public static final ArchiveAlarm DEFAULT = new ArchiveAlarm(Duration.ofMinutes(10), 10);

    /** What is wrong. */
    public enum Cause {
        /** A file has waited for too long. */
        WAL_WAITS,
        /** PostgreSQL stops when the volume is full, and WAL that waits is what fills it. */
        VOLUME_NEARLY_FULL
    }

    public ArchiveAlarm {
        if (age.isNegative() || age.isZero() || freePercent < 0 || freePercent > 99) {
            throw new IllegalArgumentException(
                    "archive alarm: "
                            + age
                            + ", "
                            + freePercent
                            + " % (expected: a time, 0 to 99 %)");
        }
    }

    /**
     * What is wrong now.
     *
     * @param free bytes that may still be written to the volume
     * @param total its size; 0 if unknown
     */
    public Set<Cause> causes(ArchiveStatus status, long free, long total, Instant now) {
        Set<Cause> causes = EnumSet.noneOf(Cause.class);
        if (status.oldestWaiting().filter(since -> now.isAfter(since.plus(age))).isPresent()) {
            causes.add(Cause.WAL_WAITS);
        }
        if (total > 0 && free < total / 100.0 * freePercent) {
            causes.add(Cause.VOLUME_NEARLY_FULL);
        }
        return causes;
    }
}
