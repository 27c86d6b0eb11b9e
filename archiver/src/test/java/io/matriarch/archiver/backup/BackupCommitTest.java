package io.matriarch.archiver.backup;

import static io.matriarch.archiver.planning.TestArchive.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
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

    @Test
    void a_store_that_does_not_answer_the_second_look_is_asked_again() {
        try (ObjectStore store = store()) {
            AtomicInteger faults = new AtomicInteger(5);
            commit(failing(store, step -> isLook(store, step) && faults.getAndDecrement() > 0));

            assertThat(faults).hasNonPositiveValue();
            assertThat(store.head(LAYOUT.backup(backup.id()))).isPresent();
        }
    }

    @Test
    void a_mark_that_nobody_can_look_behind_is_taken_back() {
        try (ObjectStore store = store()) {
            ObjectStore failing = failing(store, step -> isLook(store, step));

            assertThatThrownBy(() -> commit(failing))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no answer");
            assertThat(store.head(LAYOUT.backup(backup.id()))).isEmpty();
        }
    }

    /** A pruning has eaten the folder meanwhile, and the first answers to the looks are lost. */
    @Test
    void a_deletion_that_is_only_seen_at_the_third_look_leaves_no_mark() {
        try (ObjectStore store = store()) {
            AtomicInteger faults = new AtomicInteger(2);
            ObjectStore failing =
                    failing(store, step -> isLook(store, step) && faults.getAndDecrement() > 0);

            assertThatThrownBy(() -> commit(failing, () -> raiseTombstone(store)))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("is being deleted");
            assertThat(store.head(LAYOUT.backup(backup.id()))).isEmpty();
        }
    }

    @Test
    void a_mark_that_can_neither_be_proven_nor_taken_back_is_told_to_be_uncertain() {
        try (ObjectStore store = store()) {
            ObjectStore failing =
                    failing(
                            store,
                            step ->
                                    isMarked(store)
                                            && (step.isAbout(LAYOUT.backup(backup.id()))
                                                    || isLook(store, step)));

            assertThatThrownBy(() -> commit(failing))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("whether it is complete is not known");
        }
    }

    private boolean isMarked(ObjectStore store) {
        return store.head(LAYOUT.backup(backup.id())).isPresent();
    }

    private boolean isLook(ObjectStore store, SteppedStore.Step step) {
        return step.isAbout(LAYOUT.tombstone(backup.id())) && isMarked(store);
    }

    private static ObjectStore failing(ObjectStore store, Predicate<SteppedStore.Step> fails) {
        return new SteppedStore(
                store,
                step -> {
                    if (fails.test(step)) {
                        throw new StoreException("no answer", "none, this is a test", true, null);
                    }
                });
    }

    private void commit(ObjectStore store) {
        commit(store, () -> {});
    }

    private void raiseTombstone(ObjectStore store) {
        new Tombstones(store, LAYOUT).raise(backup.id(), Instant.EPOCH);
    }

    private void commit(ObjectStore store, Runnable meanwhile) {
        new BackupCommit(store, LAYOUT, backup.id(), Duration.ZERO)
                .commit(
                        backup,
                        List.of(),
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
