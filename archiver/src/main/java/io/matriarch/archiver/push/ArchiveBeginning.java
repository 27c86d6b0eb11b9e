package io.matriarch.archiver.push;

import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * From where on an archive should have all WAL of a timeline. Retention leaves islands: the
 * stretches that old kept backups need by themselves, with nothing around them. What lies behind an
 * island was deleted on purpose. The newest backup on the way to the present timeline is none: all
 * that follows it is to stay.
 */
final class ArchiveBeginning {

    private final List<BackupWal> old;

    ArchiveBeginning(TimelineHistory lineage, List<BackupWal> backups) {
        Optional<BackupWal> newest = BackupWal.newest(lineage, backups);
        this.old =
                backups.stream()
                        .filter(backup -> !newest.equals(Optional.of(backup)))
                        .sorted(Comparator.comparing(BackupWal::start))
                        .toList();
    }

    /** Empty if the archive has nothing of the timeline but islands. */
    Optional<WalSegment> of(TimelineId timeline, WalInventory inventory) {
        return inventory.ranges().getOrDefault(timeline, List.of()).stream()
                .filter(range -> !isIsland(range))
                .findFirst()
                .map(SegmentRange::first);
    }

    /** Whether there is nothing in it but what old backups need by themselves. */
    private boolean isIsland(SegmentRange range) {
        WalSegment next = range.first();
        for (BackupWal backup : old) {
            List<WalSegment> own = backup.segments(next.size());
            boolean isNext =
                    backup.timeline().equals(next.timeline())
                            && own.getFirst().number() <= next.number()
                            && own.getLast().number() >= next.number();
            if (isNext) {
                next = own.getLast().next();
            }
        }
        return next.number() > range.last().number();
    }
}
