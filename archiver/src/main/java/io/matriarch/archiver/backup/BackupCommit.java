package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.DigestStream;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DescriptionSum;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Uploads the list of all files. */
    BackupObject uploadManifest(FileManifest manifest) {
        String key = layout.manifest(id);
        Listed body = new Listed(manifest, store.keyring());
        PutOutcome outcome = store.putIfAbsent(key, body, Metadata.encryptedWith(store.keyring()));
        return switch (outcome) {
            case PutOutcome.Stored _ -> body.written.getLast();
            case PutOutcome.AlreadyThere(var existing) -> ours(key, body.written, existing.size());
        };
    }

    /** A manifest on its way, with what must be known of it afterwards. */
    private static final class Listed implements Body {

        private final FileManifest manifest;
        private final Keyring keyring;

        /**
         * Each writing is another object if it is encrypted: which of them arrived is to be seen.
         */
        private final List<BackupObject> written = new ArrayList<>();

        Listed(FileManifest manifest, Keyring keyring) {
            this.manifest = manifest;
            this.keyring = keyring;
        }

        @Override
        public long length() {
            return -1;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            DigestStream counted = new DigestStream(out);
            manifest.writeTo(keyring.encrypting(counted));
            written.add(new BackupObject(FileManifest.NAME, counted.count(), counted.sha256Hex()));
        }
    }

    /**
     * Creates the mark, after a last look whether the store has every object that it names. A
     * pruning may have taken the folder for garbage, if this run was stopped for long: it raises a
     * tombstone first, and looks for the mark before it deletes; here it is the other way round, so
     * one of the two sees the other.
     *
     * @param ancestors what the backup is based on
     * @throws BackupException if there is no backup, or, in so many words, if that is not known
     */
    void commit(BaseBackup backup, List<BaseBackup> ancestors, BackupWatch watch) {
        requireThere(ancestors);
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
            patiently(() -> {
                requireThere(ancestors);
                requireWhole(backup);
            });
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

    /** They must not be deleted, now that another backup is based on them: as with the backup. */
    private void requireThere(List<BaseBackup> ancestors) {
        for (BaseBackup ancestor : ancestors) {
            boolean isBeingDeleted = store.head(layout.tombstone(ancestor.id())).isPresent();
            if (isBeingDeleted || store.head(layout.backup(ancestor.id())).isEmpty()) {
                throw new BackupException(
                        "backup %s: %s, which it is based on, is %s (expected: to be there)"
                                .formatted(
                                        id,
                                        ancestor.id(),
                                        isBeingDeleted ? "being deleted" : "gone"),
                        "take the backup again: it will be a full one");
            }
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
            case PutOutcome.AlreadyThere(var existing) -> {
                BackupObject own = new BackupObject(key, bytes.length, Sha256.hex(bytes));
                BackupObject _ = ours(key, List.of(own), existing.size());
            }
        }
    }

    /**
     * Nobody else knows this backup's name: an earlier try of our own may have arrived unseen.
     *
     * @param written what was tried
     * @return which of it is there
     */
    private BackupObject ours(String key, List<BackupObject> written, long size) {
        Optional<String> found = store.get(key).map(BackupCommit::sha256);
        return written.stream()
                .filter(it -> found.equals(Optional.of(it.sha256())))
                .findFirst()
                .orElseThrow(() ->
                        new BackupException(
                                "object "
                                        + key
                                        + ": exists with other content of "
                                        + size
                                        + " bytes",
                                "two runs have drawn the same name; take the backup again"));
    }

    private static String sha256(InputStream content) {
        try {
            return Sha256.hex(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
