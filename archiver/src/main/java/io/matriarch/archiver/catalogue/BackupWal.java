package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.WalMark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The stretch of log that belongs to a backup.
 *
 * @param start where replay begins
 * @param stop replay must come this far before the data is consistent
 * @param startTime of the server's clock, before {@code start}
 * @param stopTime of the server's clock, and not before any commit up to {@code stop}
 * @param mark a commit known to lie behind the backup, if the primary could be asked for one
 * @param base the backup that this one is incremental to; empty for a full one
 */
public record BackupWal(
        TimelineId timeline,
        Lsn start,
        Lsn stop,
        Instant startTime,
        Instant stopTime,
        Optional<WalMark> mark,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<IncrementBase> base) {

    public BackupWal {
        if (!stop.isAfter(start)) {
            throw new IllegalArgumentException(
                    "stop of backup: " + stop + " (expected: after its start " + start + ")");
        }
    }

    /** Of a full backup. */
    public BackupWal(
            TimelineId timeline,
            Lsn start,
            Lsn stop,
            Instant startTime,
            Instant stopTime,
            Optional<WalMark> mark) {
        this(timeline, start, stop, startTime, stopTime, mark, Optional.empty());
    }

    /** The one that starts last of those on the way to a timeline; empty if there is none. */
    public static Optional<BackupWal> newest(TimelineHistory lineage, List<BackupWal> backups) {
        return backups.stream()
                .filter(backup -> lineage.continues(backup.timeline(), backup.stop()))
                .max(Comparator.comparing(BackupWal::start));
    }

    public BackupWal withMark(Optional<WalMark> found) {
        return new BackupWal(timeline, start, stop, startTime, stopTime, found, base);
    }

    /** The segments without which the backup is worth nothing. */
    public List<WalSegment> segments(WalSegmentSize size) {
        List<WalSegment> segments = new ArrayList<>();
        WalSegment last = WalSegment.endingAt(timeline, stop, size);
        WalSegment segment = WalSegment.containing(timeline, start, size);
        while (segment.compareTo(last) <= 0) {
            segments.add(segment);
            segment = segment.next();
        }
        return segments;
    }
}
