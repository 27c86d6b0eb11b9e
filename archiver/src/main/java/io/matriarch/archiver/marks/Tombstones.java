package io.matriarch.archiver.marks;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import java.time.Instant;
import java.util.Set;

/**
 * Marks of backups that are being deleted. A tombstone is created before anything of its backup
 * goes, and goes when nothing of it is left: what lies between is known for garbage at once.
 */
public final class Tombstones {

    /** The content of a tombstone, for people. */
    public record Tombstone(BackupId backup, Instant created) {}

    private final ObjectStore store;
    private final RepositoryLayout layout;

    public Tombstones(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** The backups whose deletion has begun. */
    public Set<BackupId> all() {
        return MarkNames.in(store, layout.tombstonesFolder());
    }

    /** Creates a tombstone, unless it stands already. */
    public void raise(BackupId backup, Instant now) {
        store.putIfAbsent(
                layout.tombstone(backup),
                Body.of(RepositoryJson.write(new Tombstone(backup, now))),
                Metadata.NONE);
    }
}
