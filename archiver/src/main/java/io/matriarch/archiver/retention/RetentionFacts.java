package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What there is to keep or to delete.
 *
 * @param unfinished folders without {@code backup.json}, and when something last arrived in them
 */
public record RetentionFacts(ArchiveFacts archive, Map<BackupId, Instant> unfinished) {

    public RetentionFacts {
        unfinished = Map.copyOf(unfinished);
    }

    /** Looks at a repository. */
    public static RetentionFacts of(
            ObjectStore store, RepositoryLayout layout, Optional<TimelineId> committed) {
        // Folders first: a backup that is completed between the two looks is then no garbage.
        Set<BackupId> folders = Backups.folders(store, layout);
        ArchiveFacts archive = ArchiveSurvey.of(store, layout, committed);
        Set<BackupId> complete =
                archive.backups().stream().map(BaseBackup::id).collect(Collectors.toSet());
        Map<BackupId, Instant> unfinished = new TreeMap<>();
        for (BackupId folder : folders) {
            if (!complete.contains(folder)) {
                lastArrival(store, layout, folder).ifPresent(last -> unfinished.put(folder, last));
            }
        }
        return new RetentionFacts(archive, unfinished);
    }

    /** Empty if there is nothing, or a mark after all: what cannot be read is not garbage. */
    private static Optional<Instant> lastArrival(
            ObjectStore store, RepositoryLayout layout, BackupId folder) {
        List<ListedObject> objects = store.list(layout.backupFolder(folder));
        return objects.stream().anyMatch(object -> object.key().equals(layout.backup(folder)))
                ? Optional.empty()
                : objects.stream().map(ListedObject::lastModified).max(Instant::compareTo);
    }
}
