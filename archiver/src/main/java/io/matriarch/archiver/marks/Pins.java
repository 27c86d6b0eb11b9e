package io.matriarch.archiver.marks;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The pins of a repository. Pinning and deleting may meet, and then exactly one of them happens:
 * who pins creates the pin first and looks for a tombstone then; who deletes creates the tombstone
 * first and looks for a pin then. One of the two sees the other.
 */
public final class Pins {

    private final ObjectStore store;
    private final RepositoryLayout layout;

    public Pins(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** All pins, by backup. */
    public Map<BackupId, Pin> all() {
        Map<BackupId, Pin> pins = new TreeMap<>();
        for (BackupId backup : MarkNames.in(store, layout.pinsFolder())) {
            find(backup).ifPresent(pin -> pins.put(backup, pin));
        }
        return pins;
    }

    /**
     * Pins a backup. One that is pinned already stays so, with its first reason.
     *
     * @return the pin that holds
     * @throws RepositoryException if there is no such backup, or if it is being deleted
     */
    public Pin pin(Pin wanted) {
        BackupId backup = wanted.backup();
        requireBackup(backup);
        PutOutcome outcome =
                store.putIfAbsent(
                        layout.pin(backup), Body.of(RepositoryJson.write(wanted)), Metadata.NONE);
        try {
            if (store.head(layout.tombstone(backup)).isPresent()) {
                throw new RepositoryException(
                        "backup " + backup + ": is being deleted by the retention",
                        "pin another one, or take a new backup; if a pruning was interrupted, the"
                                + " next one ends it");
            }
            requireBackup(backup);
        } catch (RepositoryException e) {
            withdraw(backup, outcome);
            throw e;
        }
        return find(backup).orElse(wanted);
    }

    /** Only the pin that we have made: another one is somebody else's word. */
    private void withdraw(BackupId backup, PutOutcome outcome) {
        switch (outcome) {
            case PutOutcome.Stored() -> store.delete(List.of(layout.pin(backup)));
            case PutOutcome.AlreadyThere(var _) -> {}
        }
    }

    /**
     * Takes a pin away.
     *
     * @return whether there was one
     */
    public boolean unpin(BackupId backup) {
        boolean isPinned = isPinned(backup);
        if (isPinned) {
            store.delete(List.of(layout.pin(backup)));
        }
        return isPinned;
    }

    /** Whether a backup is pinned this moment. */
    public boolean isPinned(BackupId backup) {
        return store.head(layout.pin(backup)).isPresent();
    }

    private void requireBackup(BackupId backup) {
        if (store.head(layout.backup(backup)).isEmpty()) {
            throw new RepositoryException(
                    "backup " + backup + ": not in the repository, or not complete",
                    "see with 'matriarch backups' which there are");
        }
    }

    private Optional<Pin> find(BackupId backup) {
        String key = layout.pin(backup);
        Optional<InputStream> content = store.get(key);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            return Optional.of(RepositoryJson.read(in.readAllBytes(), Pin.class, key));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + key, e);
        }
    }
}
