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
 * @param behindBytes how much of the log may lack in the archive, however fast more arrives
 */
public record ArchiveAlarm(Duration age, int freePercent, long behindBytes) {

    public static final ArchiveAlarm DEFAULT =
            new ArchiveAlarm(Duration.ofMinutes(5), 10, 1L << 30);

    /** From this much on WAL that is not archived is more than the segment being written. */
    private static final long SOME_SEGMENTS = 48L << 20;

    /** What is wrong. */
    public enum Cause {
        /** A file has waited for too long. */
        WAL_WAITS,
        /** PostgreSQL stops when the volume is full, and WAL that waits is what fills it. */
        VOLUME_NEARLY_FULL
    }

    public ArchiveAlarm {
        require(age.isPositive(), "age", age, "a time");
        require(freePercent >= 0 && freePercent <= 99, "free-percent", freePercent, "0 to 99");
        require(behindBytes > 0, "behind", behindBytes, "more than nothing");
    }

    private static void require(boolean isGood, String key, Object value, String expected) {
        if (!isGood) {
            throw new IllegalArgumentException(
                    "archive.alarm-" + key + ": " + value + " (expected: " + expected + ")");
        }
    }

    /**
     * Whether too much is not in the archive, as one sees it from outside. A little waits always;
     * whole segments only while the archiver is busy, or cannot work.
     *
     * @param behind how much of the log is not there
     * @param lastArchived when the newest segment arrived
     */
    public boolean isFarBehind(long behind, Instant lastArchived, Instant now) {
        boolean isStill = now.isAfter(lastArchived.plus(age));
        return behind > behindBytes || (isStill && behind >= SOME_SEGMENTS);
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
