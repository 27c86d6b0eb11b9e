package io.matriarch.archiver.journal;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** From where on a backup that is not complete needs WAL. */
public final class BackupStart {

    private BackupStart() {}

    /**
     * What the latest page of its journal says. A run that takes over begins later in the log, and
     * says first that it does not know yet.
     *
     * @param objects of the backup's folder
     * @return empty if nobody knows: the backup may then need any WAL that there is
     */
    public static Optional<Lsn> of(
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
                .flatMap(JournalPage::start);
    }
}
