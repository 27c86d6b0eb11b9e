package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What there is to keep or to delete.
 *
 * @param unfinished folders without {@code backup.json}, and when something last arrived in them
 * @param unreadable complete backups of which nobody knows what they need
 * @param pins what people want to stay
 * @param tombstones backups whose deletion has begun
 * @param held backups that could not be deleted, and why
 */
public record RetentionFacts(
        ArchiveFacts archive,
        Map<BackupId, Unfinished> unfinished,
        Set<BackupId> unreadable,
        Map<BackupId, Pin> pins,
        Set<BackupId> tombstones,
        Map<BackupId, String> held) {

    /**
     * A folder without {@code backup.json}.
     *
     * @param last when something arrived in it last; the epoch if nothing is left of it
     * @param isRunning whether a member says that it is writing it
     */
    public record Unfinished(Instant last, boolean isRunning) {}

    public RetentionFacts {
        unfinished = Map.copyOf(unfinished);
        unreadable = Set.copyOf(unreadable);
        pins = Map.copyOf(pins);
        tombstones = Set.copyOf(tombstones);
        held = Map.copyOf(held);
    }

    /** Only an archive, and nothing else in the repository. */
    public static RetentionFacts of(ArchiveFacts archive) {
        return new RetentionFacts(archive, Map.of(), Set.of(), Map.of(), Set.of(), Map.of());
    }

    /**
     * Looks at a repository.
     *
     * @param running backups that members are taking, as far as anybody says so
     */
    public static RetentionFacts of(
            ObjectStore store,
            RepositoryLayout layout,
            Optional<TimelineId> committed,
            Set<BackupId> running) {
        // Folders first: a backup that is completed between the two looks is then no garbage.
        Set<BackupId> folders = Backups.folders(store, layout);
        Set<BackupId> tombstones = new Tombstones(store, layout).all();
        ArchiveFacts archive = ArchiveSurvey.of(store, layout, committed);
        Set<BackupId> complete =
                archive.backups().stream().map(BaseBackup::id).collect(Collectors.toSet());
        folders.addAll(tombstones);
        Map<BackupId, Unfinished> unfinished = new TreeMap<>();
        Set<BackupId> unreadable = new HashSet<>();
        for (BackupId folder : folders) {
            if (complete.contains(folder)) {
                continue;
            }
            Remains remains = new Remains(layout.backup(folder));
            store.each(Listing.of(layout.backupFolder(folder)), remains::see);
            if (remains.isMarked) {
                unreadable.add(folder);
            } else if (!remains.isEmpty || tombstones.contains(folder)) {
                unfinished.put(folder, new Unfinished(remains.last, running.contains(folder)));
            }
        }
        return new RetentionFacts(
                archive,
                unfinished,
                unreadable,
                new Pins(store, layout).all(),
                tombstones,
                Map.of());
    }

    /** What a folder with perhaps many objects looks like. */
    private static final class Remains {

        private final String mark;
        private boolean isMarked;
        private boolean isEmpty = true;
        private Instant last = Instant.EPOCH;

        Remains(String mark) {
            this.mark = mark;
        }

        void see(ListedObject object) {
            isEmpty = false;
            isMarked |= object.key().equals(mark);
            last = object.lastModified().isAfter(last) ? object.lastModified() : last;
        }
    }

    RetentionFacts holding(Map<BackupId, String> backups) {
        return new RetentionFacts(archive, unfinished, unreadable, pins, tombstones, backups);
    }

    RetentionFacts withPins(Map<BackupId, Pin> others) {
        return new RetentionFacts(archive, unfinished, unreadable, others, tombstones, held);
    }
}
