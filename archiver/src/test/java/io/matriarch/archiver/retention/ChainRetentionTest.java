package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.LAYOUT;
import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.journal.BackupStart;
import io.matriarch.archiver.journal.JournalPage;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.retention.RetentionFacts.Unfinished;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Two chains: what incremental backups are based on stays as long as they do. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChainRetentionTest {

    private static final Instant NOW = hour(40);

    private final TestArchive archive = new TestArchive().wal(1, 1, 30);
    private final BaseBackup full = archive.backup(1, 2.2, 2.7);
    private final BaseBackup first = archive.incremental(full, 5.2, 5.7);
    private final BaseBackup second = archive.incremental(first, 8.2, 8.7);
    private final BaseBackup nextFull = archive.backup(1, 12.2, 12.7);
    private final BaseBackup next = archive.incremental(nextFull, 15.2, 15.7);

    private RetentionPlan plan(RetentionFacts facts, int count) {
        return RetentionPlanner.plan(facts, RetentionPolicy.keep(count), NOW);
    }

    private RetentionFacts facts() {
        return RetentionFacts.of(archive.facts());
    }

    @Test
    void what_a_kept_backup_is_based_on_stays_and_the_chain_before_goes_as_a_whole() {
        RetentionPlan plan = plan(facts(), 1);

        assertThat(plan.kept()).containsExactly(nextFull, next);
        assertThat(plan.deleted()).containsExactly(full, first, second);
    }

    @Test
    void one_kept_incremental_keeps_all_before_it_and_their_wal() {
        RetentionPlan plan = plan(facts(), 3);

        assertThat(plan.kept()).containsExactly(full, first, second, nextFull, next);
        assertThat(plan.wal())
                .containsExactly(
                        new SegmentRange(segment(1, 1), segment(1, 1)),
                        new SegmentRange(segment(1, 3), segment(1, 4)),
                        new SegmentRange(segment(1, 6), segment(1, 7)));
    }

    @Test
    void an_incremental_without_its_parent_counts_for_nothing() {
        archive.remove(nextFull);

        RetentionPlan plan = plan(facts(), 1);

        assertThat(plan.kept()).contains(full, first, second);
    }

    @Test
    void what_a_backup_is_based_on_that_is_being_taken_stays() {
        RetentionFacts facts = facts();
        RetentionFacts running =
                new RetentionFacts(
                        facts.archive(),
                        Map.of(
                                new BackupId(hour(39), 7),
                                new Unfinished(
                                        hour(39),
                                        true,
                                        new BackupStart(
                                                Optional.of(position(29)),
                                                Optional.of(first.id())))),
                        Set.of(),
                        Map.of(),
                        Set.of(),
                        Map.of());

        assertThat(plan(running, 1).kept()).containsExactly(full, first, nextFull, next);
    }

    @Test
    void what_an_unreadable_backup_may_be_based_on_stays() {
        RetentionFacts facts = facts();
        RetentionFacts unreadable =
                new RetentionFacts(
                        facts.archive(),
                        Map.of(),
                        Set.of(new BackupId(hour(9), 7)),
                        Map.of(),
                        Set.of(),
                        Map.of());

        assertThat(plan(unreadable, 1).kept()).containsExactly(full, first, second, nextFull, next);
    }

    /** Between the look at what there is and the tombstones, somebody begins. */
    @Test
    void a_backup_that_begins_meanwhile_keeps_what_it_is_based_on() {
        MemoryStore store = filled();
        BackupId late = new BackupId(NOW, 9);
        AtomicBoolean hasBegun = new AtomicBoolean();
        SteppedStore stepped =
                new SteppedStore(
                        store,
                        step -> {
                            if (step.isWrite()
                                    && step.isAbout(LAYOUT.tombstone(full.id()))
                                    && hasBegun.compareAndSet(false, true)) {
                                store.put(LAYOUT.journal(late, 0), page(second.id()));
                            }
                        });

        PruneReport report =
                new Pruner(stepped, LAYOUT, () -> {})
                        .prune(
                                RetentionFacts.of(store, LAYOUT, Optional.empty(), Set.of()),
                                RetentionPolicy.keep(1),
                                NOW);

        assertThat(hasBegun).isTrue();
        assertThat(report.backups()).isZero();
        assertThat(Backups.list(store, LAYOUT))
                .containsExactly(full, first, second, nextFull, next);
        assertThat(store.keys()).noneMatch(key -> key.contains("/tombstones/"));
    }

    private MemoryStore filled() {
        MemoryStore store = new MemoryStore();
        store.at(hour(20));
        for (long number = 1; number <= 30; number++) {
            store.put(LAYOUT.segment(segment(1, number)), new byte[1]);
        }
        for (BaseBackup backup : archive.facts().backups()) {
            store.put(LAYOUT.backup(backup.id()), RepositoryJson.write(backup));
        }
        return store;
    }

    private static void prune(ObjectStore store) {
        PruneReport _ =
                new Pruner(store, LAYOUT, () -> {})
                        .prune(
                                RetentionFacts.of(store, LAYOUT, Optional.empty(), Set.of()),
                                RetentionPolicy.keep(1),
                                NOW);
    }

    @Test
    void one_that_is_pinned_while_its_chain_goes_stays_with_all_that_it_needs() {
        MemoryStore store = filled();
        AtomicBoolean isPinned = new AtomicBoolean();
        SteppedStore stepped =
                new SteppedStore(
                        store,
                        step -> {
                            if (step.isWrite()
                                    && step.isAbout(LAYOUT.tombstone(second.id()))
                                    && isPinned.compareAndSet(false, true)) {
                                new Pins(store, LAYOUT).pin(new Pin(second.id(), "wanted", NOW));
                            }
                        });

        prune(stepped);

        assertThat(isPinned).isTrue();
        assertThat(Backups.list(store, LAYOUT))
                .containsExactly(full, first, second, nextFull, next);
    }

    @Test
    void one_that_the_store_will_not_delete_stays_with_all_that_it_needs() {
        MemoryStore store = filled();
        store.lock(key -> key.equals(LAYOUT.backup(second.id())));

        prune(store);

        assertThat(Backups.list(store, LAYOUT))
                .containsExactly(full, first, second, nextFull, next);
    }

    @Test
    void broken_off_anywhere_no_child_is_without_its_parent() {
        for (int writes = 0; writes < 20; writes++) {
            MemoryStore store = filled();
            store.breakAfter(writes);
            try {
                prune(store);
            } catch (StoreException brokenOff) {
                // As it should, at most places.
            }
            store.breakAfter(MemoryStore.NEVER);

            List<BaseBackup> listed = Backups.list(store, LAYOUT);
            assertThat(listed)
                    .allSatisfy(it ->
                            assertThat(BackupChain.of(it, listed))
                                    .isInstanceOf(BackupChain.Search.Whole.class));
        }
    }

    private static byte[] page(BackupId parent) {
        return new JournalPage(
                        JournalPage.FORMAT,
                        "node1",
                        TimelineId.FIRST,
                        Optional.empty(),
                        List.of(),
                        Optional.of(parent))
                .toBytes(Keyring.NONE);
    }
}
