package io.matriarch.cli.restore;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Reachable;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a repository holds of a cluster, and what can be restored from it: also the JSON of {@code
 * backups --json} and {@code restore list --json}.
 *
 * @param timeline that a restore follows if none is asked for; absent if that is unclear
 * @param reachable stretches of time along that timeline
 */
record Contents(
        String repository,
        String cluster,
        String systemIdentifier,
        @Nullable Long timeline,
        List<Stretch> reachable,
        List<Row> backups) {

    /**
     * Any moment between can be restored.
     *
     * @param to about: the last commit in the archive is a little earlier
     */
    record Stretch(Instant from, Instant to, String fromLsn, String toLsn) {}

    /**
     * One complete base backup.
     *
     * @param stopTime from when on it serves
     * @param restorable whether it is whole and lies on the timeline, with all the WAL that it
     *     needs
     */
    record Row(
            String id,
            String label,
            Instant startTime,
            Instant stopTime,
            long durationMillis,
            String member,
            long epoch,
            @JsonUnwrapped Wal wal,
            long bytes,
            long storedBytes,
            int tablespaces,
            boolean restorable) {

        static Row of(BaseBackup backup, boolean isRestorable) {
            return new Row(
                    backup.id().toString(),
                    backup.label(),
                    backup.wal().startTime(),
                    backup.stopTime(),
                    backup.duration().toMillis(),
                    backup.server().member(),
                    backup.server().epoch(),
                    Wal.of(backup.wal()),
                    backup.totals().bytes(),
                    backup.totals().storedBytes(),
                    backup.tablespaces().size(),
                    isRestorable);
        }
    }

    /**
     * What else a backup needs to be of use.
     *
     * @param parent the backup that it is incremental to; absent if it is a full one
     */
    record Wal(long timeline, String startLsn, String stopLsn, @Nullable String parent) {

        static Wal of(BackupWal wal) {
            return new Wal(
                    wal.timeline().value(),
                    wal.start().toString(),
                    wal.stop().toString(),
                    wal.base().map(it -> it.backup().toString()).orElse(null));
        }
    }

    static Contents of(Source source, ArchiveFacts facts) {
        RestorePlanner planner = new RestorePlanner(facts);
        Optional<TimelineHistory> lineage = planner.defaultLineage();
        Set<BaseBackup> restorable =
                lineage.stream()
                        .flatMap(it -> planner.restorable(it).stream())
                        .collect(Collectors.toSet());
        return new Contents(
                source.location(),
                source.cluster(),
                source.systemIdentifier().toString(),
                lineage.map(it -> it.timeline().value()).orElse(null),
                lineage.stream()
                        .flatMap(it -> planner.reachable(it).stream())
                        .map(Contents::stretch)
                        .toList(),
                facts.backups().stream()
                        .map(backup -> Row.of(backup, restorable.contains(backup)))
                        .toList());
    }

    private static Stretch stretch(Reachable it) {
        return new Stretch(it.from(), it.to(), it.fromLsn().toString(), it.toLsn().toString());
    }
}
