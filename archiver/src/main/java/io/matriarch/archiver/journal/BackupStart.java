package io.matriarch.archiver.journal;

import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a backup needs that is not complete.
 *
 * @param start from where on it needs WAL; empty if nobody knows: it may then need any WAL that
 *     there is
 * @param parent the backup that it is incremental to, if it is
 */
public record BackupStart(Optional<Lsn> start, Optional<BackupId> parent) {

    private static final Logger log = LoggerFactory.getLogger(BackupStart.class);

    /** Of which nobody knows what it needs. */
    public static final BackupStart UNKNOWN = new BackupStart(Optional.empty(), Optional.empty());

    /** Of a full backup. */
    public static BackupStart at(Lsn start) {
        return new BackupStart(Optional.of(start), Optional.empty());
    }

    /**
     * What the latest page of its journal says that can be read here. A run that takes over begins
     * later in the log, and says first that it does not know yet, on a page that is never
     * encrypted.
     *
     * @param objects of the backup's folder
     */
    public static BackupStart of(
            ObjectStore store,
            RepositoryLayout layout,
            BackupId backup,
            List<ListedObject> objects) {
        String prefix = layout.backupFolder(backup);
        List<String> latestFirst =
                objects.stream()
                        .map(object -> object.key().substring(prefix.length()))
                        .filter(name -> RepositoryLayout.journalNumber(name) >= 0)
                        .sorted(Comparator.comparingInt(RepositoryLayout::journalNumber).reversed())
                        .toList();
        for (String name : latestFirst) {
            try {
                return JournalPage.read(store, prefix + name)
                        .map(page -> new BackupStart(page.start(), page.parent()))
                        .orElse(UNKNOWN);
            } catch (LockedException e) {
                // It says the same of the beginning as the last page before it that is not.
                log.atDebug().addKeyValue("object", prefix + name).log("page is encrypted");
            }
        }
        return UNKNOWN;
    }
}
