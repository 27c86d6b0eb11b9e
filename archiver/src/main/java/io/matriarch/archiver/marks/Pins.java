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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pins of a repository. Pinning and deleting may meet, and then exactly one of them happens:
 * who pins creates the pin first and looks for a tombstone then; who deletes creates the tombstone
 * first and looks for a pin then. One of the two sees the other.
 *
 * <p>The deletion decides: who pins and sees a tombstone waits until that is gone, or the backup. A
 * pin is never taken back while its backup is there, since somebody else who came later may have
 * been told that it holds.
 */
public final class Pins {

    private static final Logger log = LoggerFactory.getLogger(Pins.class);

    private static final int LOOKS = 50;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final int looks;
    private final Duration pause;

    public Pins(ObjectStore store, RepositoryLayout layout) {
        this(store, layout, LOOKS, PAUSE);
    }

    /**
     * @param looks how often it is looked whether a deletion has come to its end
     */
    public Pins(ObjectStore store, RepositoryLayout layout, int looks, Duration pause) {
        this.store = store;
        this.layout = layout;
        this.looks = looks;
        this.pause = pause;
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
        if (isGone(backup)) {
            throw new RepositoryException(
                    "backup " + backup + ": not in the repository, or not complete",
                    "see with 'matriarch backups' which there are");
        }
        PutOutcome _ =
                store.putIfAbsent(
                        layout.pin(backup), Body.of(RepositoryJson.write(wanted)), Metadata.NONE);
        awaitDecision(backup);
        // The tombstone goes after the backup does: looked at in this order, none is missed.
        if (isGone(backup)) {
            throw deleted(backup);
        }
        return find(backup)
                .orElseThrow(() ->
                        new RepositoryException(
                                "backup " + backup + ": was unpinned by somebody meanwhile",
                                "agree with whoever it was, and pin it again"));
    }

    private void awaitDecision(BackupId backup) {
        for (int look = 1; store.head(layout.tombstone(backup)).isPresent(); look++) {
            if (isGone(backup)) {
                throw deleted(backup);
            }
            if (look >= looks) {
                throw new RepositoryException(
                        "backup "
                                + backup
                                + ": is being deleted by the retention (expected: no "
                                + layout.tombstone(backup)
                                + ")",
                        "the pin stands: if that pruning was interrupted, the next one keeps the"
                                + " backup; pin it again then to be sure, or unpin it");
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    /** Nothing holds any more. */
    private RepositoryException deleted(BackupId backup) {
        store.delete(List.of(layout.pin(backup)));
        return new RepositoryException(
                "backup " + backup + ": was deleted by the retention just now",
                "pin another one, or take a new backup");
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

    private boolean isGone(BackupId backup) {
        return store.head(layout.backup(backup)).isEmpty();
    }

    private Optional<Pin> find(BackupId backup) {
        String key = layout.pin(backup);
        Optional<InputStream> content = store.get(key);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            return Optional.of(RepositoryJson.read(in.readAllBytes(), Pin.class, key));
        } catch (RepositoryException e) {
            // It is there, and that is what counts.
            log.atError().addKeyValue("object", key).setCause(e).log("pin cannot be read");
            return Optional.of(new Pin(backup, "pin cannot be read: " + key, Instant.EPOCH));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + key, e);
        }
    }
}
