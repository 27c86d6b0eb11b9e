package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is known of an archive when a restore is planned.
 *
 * @param backups complete ones, oldest first
 * @param archived when the first and the last segment of each range of WAL were stored, of the
 *     store's clock
 * @param histories of the timelines whose history file is there
 * @param begun when each of these files was stored: about when the timeline began
 * @param damaged backups and histories that cannot be read, or are lost
 * @param committed the timeline that the cluster is on, if the cluster could be asked
 */
public record ArchiveFacts(
        List<BaseBackup> backups,
        WalInventory wal,
        Map<WalSegment, Instant> archived,
        Map<TimelineId, TimelineHistory> histories,
        Map<TimelineId, Instant> begun,
        List<Damage> damaged,
        Optional<TimelineId> committed) {

    public ArchiveFacts {
        backups = List.copyOf(backups);
        archived = Map.copyOf(archived);
        histories = Map.copyOf(histories);
        begun = Map.copyOf(begun);
        damaged = List.copyOf(damaged);
    }

    /** The same, as if some backups were not there. */
    public ArchiveFacts without(Set<BackupId> others) {
        return new ArchiveFacts(
                backups.stream().filter(it -> !others.contains(it.id())).toList(),
                wal,
                archived,
                histories,
                begun,
                damaged,
                committed);
    }

    /** The same, with more that is known to be damaged. */
    ArchiveFacts with(List<Damage> more) {
        return new ArchiveFacts(
                backups,
                wal,
                archived,
                histories,
                begun,
                Stream.concat(damaged.stream(), more.stream()).toList(),
                committed);
    }

    /** A backup and all that it is based on, or why it cannot be restored. */
    public BackupChain.Search chain(BaseBackup backup) {
        return BackupChain.of(backup, backups);
    }

    /** Whether nothing of a backup is known to be damaged, nor of those that it is based on. */
    boolean isWhole(BaseBackup backup) {
        return switch (chain(backup)) {
            case BackupChain.Search.Whole(var chain) ->
                    chain.backups().stream().noneMatch(this::isDamaged);
            case BackupChain.Search.Broken _ -> false;
        };
    }

    private boolean isDamaged(BaseBackup backup) {
        String folder = "/" + backup.id() + "/";
        return damaged.stream().anyMatch(it -> it.key().contains(folder));
    }

    /** The way to a timeline; empty if its history file is missing. */
    Optional<TimelineHistory> history(TimelineId timeline) {
        return timeline.equals(TimelineId.FIRST)
                ? Optional.of(TimelineHistory.of(timeline))
                : Optional.ofNullable(histories.get(timeline));
    }

    /** When the newest of the log arrived, of the store's clock; empty if nothing has. */
    public Optional<Instant> lastArrival() {
        return Stream.concat(archived.values().stream(), begun.values().stream())
                .max(Instant::compareTo);
    }

    /** When a segment was in the archive at the latest: when the last of its range was stored. */
    Optional<Instant> archivedBy(WalSegment segment) {
        return wal.lastContiguous(segment).map(archived::get);
    }
}
