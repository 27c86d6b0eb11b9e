package io.matriarch.archiver.backup;

import static io.matriarch.archiver.planning.TestArchive.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupCommitTest {

    private final BaseBackup backup = new TestArchive().wal(1, 1, 5).backup(1, 2.5, 3.5);

    @TempDir private Path directory;

    @Test
    void a_backup_that_is_being_deleted_is_not_completed() {
        try (ObjectStore store = store()) {
            raiseTombstone(store);

            assertThatThrownBy(() -> commit(store, () -> {}))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("is being deleted");
            assertThat(store.head(LAYOUT.backup(backup.id()))).isEmpty();
        }
    }

    @Test
    void a_deletion_that_begins_at_the_last_moment_is_seen_and_the_mark_taken_back() {
        try (ObjectStore store = store()) {
            assertThatThrownBy(() -> commit(store, () -> raiseTombstone(store)))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("is being deleted");
            assertThat(store.head(LAYOUT.backup(backup.id()))).isEmpty();
        }
    }

    @Test
    void nobody_deletes_and_the_mark_is_there() {
        try (ObjectStore store = store()) {
            commit(store, () -> {});

            assertThat(store.head(LAYOUT.backup(backup.id()))).isPresent();
        }
    }

    private void raiseTombstone(ObjectStore store) {
        new Tombstones(store, LAYOUT).raise(backup.id(), Instant.EPOCH);
    }

    private void commit(ObjectStore store, Runnable meanwhile) {
        new BackupCommit(store, LAYOUT, backup.id())
                .commit(
                        backup,
                        new BackupWatch() {
                            @Override
                            public void onPhase(BackupId id, BackupPhase phase) {}

                            @Override
                            public void checkMayComplete() {
                                meanwhile.run();
                            }

                            @Override
                            public void onBytes(long done, long total) {}
                        });
    }

    private ObjectStore store() {
        return ObjectStore.open(StoreSettings.of(StoreLocation.parse(directory.toString())));
    }
}
