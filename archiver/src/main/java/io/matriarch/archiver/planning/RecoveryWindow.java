package io.matriarch.archiver.planning;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that an archive can give back, timeline by timeline.
 *
 * @param followed the timeline that a restore follows if none is asked for; empty if that is
 *     unclear
 */
public record RecoveryWindow(List<Strand> timelines, Optional<TimelineId> followed) {

    public RecoveryWindow {
        timelines = List.copyOf(timelines);
    }

    /**
     * What belongs to one timeline itself: of the log before its origin its parent has a strand.
     *
     * @param origin where it left its parent; empty for the first, and where the history is missing
     * @param stretches of archived WAL, oldest first
     */
    public record Strand(
            TimelineId timeline,
            Optional<TimelineHistory.Switch> origin,
            List<Stretch> stretches,
            List<Gap> gaps,
            List<Mark> backups) {

        public Strand {
            stretches = List.copyOf(stretches);
            gaps = List.copyOf(gaps);
            backups = List.copyOf(backups);
        }
    }

    /**
     * WAL without a gap.
     *
     * @param from about, unless a backup ended here
     * @param to about: when the last segment was stored
     * @param isReachable whether a backup before it makes each moment of it one to restore to
     */
    public record Stretch(Instant from, Instant to, Lsn fromLsn, Lsn toLsn, boolean isReachable) {

        public Stretch {
            to = Reachable.notBefore(from, to);
        }
    }

    /**
     * Segments that are not there, though later ones are.
     *
     * @param from about: when the segment before it was stored
     * @param to about: when the segment behind it was stored
     */
    public record Gap(SegmentRange missing, Instant from, Instant to) {

        public Gap {
            to = Reachable.notBefore(from, to);
        }
    }

    /**
     * A base backup.
     *
     * @param isRestorable whether it is whole and has all the WAL that makes it consistent
     */
    public record Mark(BackupId id, Instant stopTime, Lsn stop, boolean isRestorable) {}
}
