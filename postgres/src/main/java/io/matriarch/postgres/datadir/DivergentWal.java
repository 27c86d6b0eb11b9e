package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.Optional;

/**
 * The stretch of a data directory's log that another history does not have, and which files of
 * {@code pg_wal} it lies in.
 *
 * @param history of this log
 * @param fork the last timeline that both share, and how far
 * @param end where this log ends; at the fork or before it if it has nothing of its own
 */
public record DivergentWal(
        TimelineHistory history, TimelineHistory.Switch fork, Lsn end, WalSegmentSize segmentSize) {

    private static final int SEGMENT_NAME = 24;
    private static final String PARTIAL = ".partial";
    private static final String HISTORY = ".history";

    /** How much of the log lies beyond the fork. */
    public long bytes() {
        return end.beyond(fork.at());
    }

    /** Whether a file of this name has a part of it, or tells the way to it. */
    public boolean holds(String name) {
        if (bytes() == 0) {
            return false;
        }
        if (name.endsWith(HISTORY)) {
            return history.since(fork.parent()).stream()
                    .map(TimelineId::historyFileName)
                    .anyMatch(name::equals);
        }
        return segment(name)
                .filter(segment -> history.since(fork.parent()).contains(segment.timeline()))
                .filter(segment -> segment.end().isAfter(fork.at()))
                .filter(segment -> segment.start().isBefore(end))
                .isPresent();
    }

    /** Whether a file of this name has the fork in it, and so something that both have. */
    public boolean isForking(String name) {
        return holds(name)
                && segment(name)
                        .filter(segment -> segment.timeline().equals(fork.parent()))
                        .filter(segment -> !segment.start().isAfter(fork.at()))
                        .isPresent();
    }

    private Optional<WalSegment> segment(String name) {
        boolean isPartial = name.length() > SEGMENT_NAME && name.endsWith(PARTIAL);
        String whole = isPartial ? name.substring(0, SEGMENT_NAME) : name;
        boolean isExpected = !isPartial || name.length() == SEGMENT_NAME + PARTIAL.length();
        return isExpected ? WalSegment.tryParse(whole, segmentSize) : Optional.empty();
    }
}
