package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleContent;
import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.BundleWriter;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DescriptionSum;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.sql.BackupEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last objects of a backup, in their order: what must be restored last, the manifest, the mark.
 */
final class BackupCommit {

    private static final Logger log = LoggerFactory.getLogger(BackupCommit.class);

    private static final int TRIES = 6;

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final BackupId id;
    private final Duration firstPause;

    BackupCommit(ObjectStore store, RepositoryLayout layout, BackupId id) {
        this(store, layout, id, Duration.ofSeconds(1));
    }

    /**
     * @param firstPause after which a call is tried again that decides whether there is a backup;
     *     each further one is twice as long
     */
    BackupCommit(ObjectStore store, RepositoryLayout layout, BackupId id, Duration firstPause) {
        this.firstPause = firstPause;
        this.store = store;
        this.layout = layout;
        this.id = id;
    }

    /**
     * Uploads the bundle that makes the rest a data directory, its members in the order in which
     * they are to be unpacked: {@code pg_control}, without which no server starts, is the last.
     *
     * @param files all other files of the backup
     */
    static BundleUpload.Stored uploadLast(
            BundleUpload upload,
            TarOwner owner,
            List<ManifestEntry> files,
            BackupWal wal,
            BackupEnd end,
            byte[] controlFile)
            throws IOException {
        byte[] label = end.label().text().getBytes(StandardCharsets.UTF_8);
        byte[] map = end.tablespaceMap().getBytes(StandardCharsets.UTF_8);
        // PostgreSQL's manifest must name pg_control's checksum, and lies before it: written twice.
        List<ManifestEntry> small =
                write(owner, label, map, new byte[0], controlFile, end.time()).content().entries();
        List<ManifestEntry> listed = new ArrayList<>(files);
        small.stream().filter(BackupCommit::isInPostgresManifest).forEach(listed::add);
        byte[] manifest = PostgresManifest.of(listed, wal);
        Bundle last = write(owner, label, map, manifest, controlFile, end.time());
        return upload.upload(last.body(), last.content());
    }

    private record Bundle(Body body, BundleContent content) {}

    private static Bundle write(
            TarOwner owner,
            byte[] label,
            byte[] map,
            byte[] manifest,
            byte[] controlFile,
            Instant time)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (BundleWriter writer = new BundleWriter(bytes, 1, owner)) {
            writer.file("backup_label", label, time);
            if (map.length > 0) {
                writer.file("tablespace_map", map, time);
            }
            writer.file(PostgresManifest.NAME, manifest, time);
            writer.file("global/pg_control", controlFile, time);
            BundleContent content = writer.end();
            return new Bundle(Body.of(bytes.toByteArray()), content);
        }
    }

    /**
     * The tablespaces' links are made by the restore, as {@code pg_basebackup} makes them: no map.
     */
    private static boolean isInPostgresManifest(ManifestEntry entry) {
        return !entry.path().equals(PostgresManifest.NAME)
                && !entry.path().equals("tablespace_map");
    }

    /** Uploads the list of all files. */
    BackupObject uploadManifest(FileManifest manifest) {
        byte[] bytes = manifest.toBytes();
        create(layout.manifest(id), bytes);
        return new BackupObject(FileManifest.NAME, bytes.length, Sha256.hex(bytes));
    }

    /**
     * Creates the mark, after a last look whether the store has every object that it names. A
     * pruning may have taken the folder for garbage, if this run was stopped for long: it raises a
     * tombstone first, and looks for the mark before it deletes; here it is the other way round, so
     * one of the two sees the other.
     *
     * @throws BackupException if there is no backup, or, in so many words, if that is not known
     */
    void commit(BaseBackup backup, BackupWatch watch) {
        Set<String> others = requireWhole(backup);
        watch.checkMayComplete();
        deleteLeftOver(others);
        byte[] description = RepositoryJson.write(backup);
        create(layout.backupSum(id), DescriptionSum.of(description));
        try {
            patiently(() -> create(layout.backup(id), description));
        } catch (StoreException e) {
            throw takenBack(e);
        }
        try {
            patiently(() -> requireWhole(backup));
        } catch (BackupException | StoreException e) {
            throw takenBack(e);
        }
    }

    /** Now that the mark may be there, much depends on an answer. */
    private void patiently(Runnable call) {
        Duration pause = firstPause;
        for (int left = TRIES - 1; ; left--) {
            try {
                call.run();
                return;
            } catch (StoreException e) {
                if (!e.isTransient() || left == 0) {
                    throw e;
                }
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.multipliedBy(2);
        }
    }

    /** A mark that nobody has looked behind must not stay. */
    private RuntimeException takenBack(RuntimeException why) {
        String mark = layout.backup(id);
        try {
            patiently(() -> store.delete(List.of(mark)));
            return why;
        } catch (StoreException e) {
            why.addSuppressed(e);
            return isSurelyAbsent(mark)
                    ? why
                    : new BackupException(
                            "backup %s: whether it is complete is not known: %s; its mark could not be"
                                            .formatted(id, why.getMessage())
                                    + " taken back: "
                                    + e.getMessage(),
                            "if 'matriarch backups' shows it, and there is no "
                                    + layout.tombstone(id)
                                    + ", it is whole and good; if in doubt, delete "
                                    + mark
                                    + " and take the backup again",
                            why);
        }
    }

    private boolean isSurelyAbsent(String mark) {
        try {
            return store.head(mark).isEmpty();
        } catch (StoreException e) {
            return false;
        }
    }

    /** Returns the names of what the folder holds besides. */
    private Set<String> requireWhole(BaseBackup backup) {
        if (store.head(layout.tombstone(id)).isPresent()) {
            throw new BackupException(
                    "backup "
                            + id
                            + ": is being deleted (expected: no "
                            + layout.tombstone(id)
                            + ")",
                    "a pruning took it for abandoned; take the backup again");
        }
        Map<String, Long> listed = new HashMap<>();
        String folder = layout.backupFolder(id);
        for (ListedObject object : store.list(folder)) {
            listed.put(object.key().substring(folder.length()), object.size());
        }
        for (BackupObject object : backup.objects()) {
            Long size = listed.remove(object.name());
            if (size == null || size != object.size()) {
                throw new BackupException(
                        "object "
                                + folder
                                + object.name()
                                + ": "
                                + (size == null ? "missing" : size + " bytes")
                                + " (expected: "
                                + object.size()
                                + " bytes, as the store confirmed)",
                        "the store has lost what it acknowledged; do not trust it");
            }
        }
        return listed.keySet();
    }

    /**
     * What failed tries and interrupted runs have left beside the backup. It is no part of it, but
     * whoever unpacks the folder by hand should not have to know.
     */
    private void deleteLeftOver(Set<String> names) {
        if (names.isEmpty()) {
            return;
        }
        try {
            store.delete(names.stream().map(name -> layout.backupFolder(id) + name).toList());
        } catch (StoreException e) {
            log.atWarn()
                    .addKeyValue("backup", id)
                    .addKeyValue("objects", names.size())
                    .addKeyValue("error", e.getMessage())
                    .log("left-over objects stay beside the backup");
        }
    }

    private void create(String key, byte[] bytes) {
        PutOutcome outcome = store.putIfAbsent(key, Body.of(bytes), Metadata.NONE);
        switch (outcome) {
            case PutOutcome.Stored _ -> {}
            case PutOutcome.AlreadyThere(var existing) -> checkOurs(key, bytes, existing.size());
        }
    }

    /** Nobody else knows this backup's name: an earlier try of our own may have arrived unseen. */
    private void checkOurs(String key, byte[] bytes, long size) {
        boolean isOurs =
                store.get(key)
                        .map(content -> {
                            try (content) {
                                return Sha256.hex(content.readAllBytes()).equals(Sha256.hex(bytes));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        })
                        .orElse(false);
        if (!isOurs) {
            throw new BackupException(
                    "object " + key + ": exists with other content of " + size + " bytes",
                    "two runs have drawn the same name; take the backup again");
        }
    }
}
