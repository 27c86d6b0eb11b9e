package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.archiver.journal.BackupStart;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Backups that have begun since a pruning looked, and of which its plan knows nothing. */
final class Newcomers {

    private final ObjectStore store;
    private final RepositoryLayout layout;

    Newcomers(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /**
     * Their folders, as far as there is something in them.
     *
     * @param known the folders that the plan has seen
     */
    Set<BackupId> folders(Set<BackupId> known) {
        Set<BackupId> folders = new HashSet<>();
        for (BackupId folder : Backups.folders(store, layout)) {
            if (!known.contains(folder) && !objects(folder).isEmpty()) {
                folders.add(folder);
            }
        }
        return folders;
    }

    /** What they are based on. */
    Set<BackupId> parents(Set<BackupId> known) {
        Set<BackupId> parents = new HashSet<>();
        for (BackupId folder : folders(known)) {
            BackupStart.of(store, layout, folder, objects(folder)).parent().ifPresent(parents::add);
            Backups.find(store, layout, folder)
                    .flatMap(backup -> backup.wal().base())
                    .map(IncrementBase::backup)
                    .ifPresent(parents::add);
        }
        return parents;
    }

    private List<ListedObject> objects(BackupId folder) {
        return store.list(layout.backupFolder(folder));
    }
}
