package io.matriarch.archiver.journal;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a backup needs that is not complete.
 *
 * @param start from where on it needs WAL; empty if nobody knows: it may then need any WAL that
 *     there is
 * @param parent the backup that it is incremental to, if it is
 */
public record BackupStart(Optional<Lsn> start, Optional<BackupId> parent) {

    /** Of which nobody knows what it needs. */
    public static final BackupStart UNKNOWN = new BackupStart(Optional.empty(), Optional.empty());

    /** Of a full backup. */
    public static BackupStart at(Lsn start) {
        return new BackupStart(Optional.of(start), Optional.empty());
    }

    /**
     * What the latest page of its journal says. A run that takes over begins later in the log, and
     * says first that it does not know yet.
     *
     * @param objects of the backup's folder
     */
    public static BackupStart of(
            ObjectStore store,
            RepositoryLayout layout,
            BackupId backup,
            List<ListedObject> objects) {
        String prefix = layout.backupFolder(backup);
        return objects.stream()
                .map(object -> object.key().substring(prefix.length()))
                .max(Comparator.comparingInt(RepositoryLayout::journalNumber))
                .filter(name -> RepositoryLayout.journalNumber(name) >= 0)
                .flatMap(name -> JournalPage.read(store, prefix + name))
                .map(page -> new BackupStart(page.start(), page.parent()))
                .orElse(UNKNOWN);
    }
}
