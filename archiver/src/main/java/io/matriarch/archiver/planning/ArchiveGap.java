package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Why no restore leads to a timeline though there are backups: of what its ancestors wrote since
 * the newest backup something is nowhere. A new backup is needed, and ends it. What lacks before
 * the newest backup is no matter of the present.
 *
 * @param missing whole segments of the ancestors; none if no backup lies on the way at all
 */
public record ArchiveGap(TimelineId timeline, List<SegmentRange> missing) {

    public ArchiveGap {
        missing = List.copyOf(missing);
    }

    /**
     * Looks for it in the archive, where it lists the ancestors' WAL since the newest backup: none
     * if that was taken on the timeline itself. What the ancestors left unarchived must have been
     * pushed before.
     *
     * @param lineage of the timeline that the cluster is on
     */
    public static Optional<ArchiveGap> find(
            ObjectStore store,
            RepositoryLayout layout,
            WalSegmentSize size,
            TimelineHistory lineage,
            List<BackupWal> backups) {
        return of(
                lineage,
                backups,
                size,
                first -> {
                    String folder = layout.walFolder(first.timeline());
                    return WalInventory.of(
                            size, store, Listing.of(folder).after(folder + first.name()));
                });
    }

    /**
     * Decides.
     *
     * @param archived what is there of a segment's timeline, from that segment on
     */
    static Optional<ArchiveGap> of(
            TimelineHistory lineage,
            List<BackupWal> backups,
            WalSegmentSize size,
            Function<WalSegment, WalInventory> archived) {
        if (backups.isEmpty()) {
            return Optional.empty();
        }
        Optional<BackupWal> newest = BackupWal.newest(lineage, backups);
        if (newest.isEmpty()) {
            return Optional.of(new ArchiveGap(lineage.timeline(), List.of()));
        }
        List<SegmentRange> missing =
                ancestors(lineage, newest.get().start(), size).stream()
                        .flatMap(it ->
                                archived.apply(it.first()).missing(it.first(), it.last()).stream())
                        .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new ArchiveGap(lineage.timeline(), missing));
    }

    /** The whole segments of each ancestor from a position on, up to where it was left. */
    private static List<SegmentRange> ancestors(
            TimelineHistory lineage, Lsn start, WalSegmentSize size) {
        List<SegmentRange> ancestors = new ArrayList<>();
        Lsn from = start;
        for (TimelineHistory.Switch left : lineage.switches()) {
            WalSegment first = WalSegment.containing(left.parent(), from, size);
            WalSegment end = WalSegment.containing(left.parent(), left.at(), size);
            if (first.number() < end.number()) {
                WalSegment last = new WalSegment(left.parent(), end.number() - 1, size);
                ancestors.add(new SegmentRange(first, last));
            }
            from = left.at().isAfter(start) ? left.at() : start;
        }
        return ancestors;
    }

    /** In one sentence. */
    @Override
    public String toString() {
        return missing.isEmpty()
                ? "no base backup leads to timeline "
                        + timeline
                        + ": nothing of it can be restored until one is taken"
                : "the archive has a gap since the newest base backup: "
                        + missing.stream()
                                .map(SegmentRange::toString)
                                .collect(Collectors.joining(", "))
                        + " missing; what came after it cannot be restored until another backup is"
                        + " taken";
    }
}
