package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The catalogue of base backups: what a listing says. */
public final class Backups {

    private static final Logger log = LoggerFactory.getLogger(Backups.class);

    private static final Comparator<BaseBackup> BY_TIME =
            Comparator.comparing(BaseBackup::stopTime).thenComparing(BaseBackup::id);

    private Backups() {}

    /**
     * All complete backups, oldest first by the time recorded in them. One that cannot be read is
     * left out, and said so: the others must stay of use.
     */
    public static List<BaseBackup> list(ObjectStore store, RepositoryLayout layout) {
        List<BaseBackup> backups = new ArrayList<>();
        for (BackupId id : folders(store, layout)) {
            try {
                find(store, layout, id).ifPresent(backups::add);
            } catch (RepositoryException e) {
                log.atError()
                        .addKeyValue("backup", id)
                        .addKeyValue("hint", e.hint())
                        .setCause(e)
                        .log("backup cannot be read");
            }
        }
        backups.sort(BY_TIME);
        return backups;
    }

    /** Names of all folders of backups, complete or not. */
    public static Set<BackupId> folders(ObjectStore store, RepositoryLayout layout) {
        Set<BackupId> ids = new TreeSet<>();
        for (String folder : store.listFolders(layout.backupsFolder())) {
            try {
                ids.add(BackupId.parse(folder));
            } catch (IllegalArgumentException stranger) {
                // Nothing of ours.
            }
        }
        return ids;
    }

    /** An object that a backup names, and that is not there in its size; empty if all are. */
    public static Optional<String> firstMissing(
            ObjectStore store, RepositoryLayout layout, BaseBackup backup) {
        String folder = layout.backupFolder(backup.id());
        Map<String, Long> sizes =
                store.list(folder).stream()
                        .collect(
                                Collectors.toMap(
                                        it -> it.key().substring(folder.length()),
                                        ListedObject::size));
        return backup.objects().stream()
                .filter(it -> !Long.valueOf(it.size()).equals(sizes.get(it.name())))
                .map(it -> folder + it.name())
                .findFirst();
    }

    /**
     * One backup; empty if it is not complete.
     *
     * @throws RepositoryException if its description cannot be read, is damaged, or another's
     */
    public static Optional<BaseBackup> find(
            ObjectStore store, RepositoryLayout layout, BackupId id) {
        String key = layout.backup(id);
        Optional<byte[]> bytes = WholeObject.read(store, key);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        DescriptionSum.require(store, layout, id, bytes.get());
        RepositoryJson.requireFormat(bytes.get(), BaseBackup.FORMAT, key);
        BaseBackup backup = RepositoryJson.read(bytes.get(), BaseBackup.class, key);
        if (!backup.id().equals(id)
                || !backup.systemIdentifier().equals(layout.systemIdentifier())) {
            throw new RepositoryException(
                    key,
                    "describes backup "
                            + backup.id()
                            + " of system "
                            + backup.systemIdentifier()
                            + " (expected: "
                            + id
                            + " of "
                            + layout.systemIdentifier()
                            + ")",
                    "somebody has copied objects between folders; move them back",
                    null);
        }
        return Optional.of(backup);
    }
}
