package io.matriarch.archiver.retention;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.retention.World.Branch;
import io.matriarch.archiver.retention.World.Commit;
import io.matriarch.archiver.retention.World.Taken;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.Comparator;
import java.util.List;

/**
 * What can be restored from a world's store, worked out from what replay needs and from nothing
 * that plans restores or deletions: for each segment from a backup's start on, some file of a
 * timeline of the target's ancestry that has the bytes wanted.
 */
final class Oracle {

    private final World world;

    Oracle(World world) {
        this.world = world;
    }

    /** Backups with a {@code backup.json}, oldest first. */
    List<Taken> listed() {
        return world.taken.stream()
                .filter(it -> world.store.holds(World.LAYOUT.backup(it.id())))
                .sorted(Comparator.comparing(Taken::stopTime))
                .toList();
    }

    boolean isWhole(Taken backup) {
        return world.store.holds(World.LAYOUT.bundle(backup.id(), 0))
                && world.store.holds(World.LAYOUT.manifest(backup.id()))
                && backup.parent()
                        .map(parent ->
                                listed().stream()
                                        .anyMatch(it -> it.id().equals(parent) && isWhole(it)))
                        .orElse(true);
    }

    /** Backups that become consistent on the way to the current timeline, oldest first. */
    List<Taken> restorable() {
        return listed().stream()
                .filter(this::isWhole)
                .filter(it -> reaches(it, it.timeline(), it.stop(), world.timeline))
                .toList();
    }

    /** Whether a backup becomes consistent on its own timeline, whatever came of that. */
    boolean isConsistentByItself(Taken backup) {
        return isWhole(backup)
                && reaches(backup, backup.timeline(), backup.stop(), backup.timeline());
    }

    boolean isReachable(Commit commit) {
        return restorable().stream()
                .filter(it -> !it.stopTime().isAfter(commit.time()))
                .anyMatch(it ->
                        it.stop() <= commit.position()
                                && reaches(
                                        it, commit.timeline(), commit.position(), world.timeline));
    }

    private boolean reaches(Taken backup, long timeline, long position, long target) {
        if (position > endOf(timeline, target)
                || backup.stop() > endOf(backup.timeline(), target)) {
            return false;
        }
        for (long number = backup.start() >> 20; number << 20 < position; number++) {
            if (!isReadable(number, Math.min(position, (number + 1) << 20), target)) {
                return false;
            }
        }
        return true;
    }

    private boolean isReadable(long number, long upTo, long target) {
        for (long timeline = target; timeline > 0; timeline = parent(timeline)) {
            boolean hasBegun = begin(timeline) >> 20 <= number;
            if (hasBegun && upTo <= endOf(timeline, target) && holds(timeline, number)) {
                return true;
            }
        }
        return false;
    }

    private boolean holds(long timeline, long number) {
        return world.store.holds(
                World.LAYOUT.segment(new WalSegment(new TimelineId(timeline), number, World.SIZE)));
    }

    /** Where a timeline was left on the way to another; -1 if it is not on the way. */
    private long endOf(long timeline, long target) {
        long end = Long.MAX_VALUE;
        for (long on = target; on > 0; on = parent(on)) {
            if (on == timeline) {
                return end;
            }
            end = Math.min(end, begin(on));
        }
        return -1;
    }

    private long parent(long timeline) {
        Branch branch = world.branches.get(timeline);
        return branch == null ? 0 : branch.parent();
    }

    private long begin(long timeline) {
        Branch branch = world.branches.get(timeline);
        return branch == null ? 0 : branch.at();
    }

    boolean isListed(BackupId backup) {
        return listed().stream().anyMatch(it -> it.id().equals(backup));
    }
}
