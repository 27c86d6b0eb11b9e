package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.LAYOUT;
import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.position;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PrunerTest {

    private static final Instant NOW = hour(30);

    private final TestArchive archive = new TestArchive().wal(1, 1, 20);
    private final BaseBackup first = archive.backup(1, 2.5, 3.5);
    private final BaseBackup second = archive.backup(1, 6.5, 7.5);
    private final BaseBackup third = archive.backup(1, 11.5, 12.5);
    private MemoryStore store = filled();

    private MemoryStore filled() {
        MemoryStore filled = new MemoryStore();
        filled.at(hour(20));
        for (long number = 1; number <= 20; number++) {
            filled.put(LAYOUT.segment(segment(1, number)), new byte[1]);
        }
        for (BaseBackup backup : archive.facts().backups()) {
            filled.put(LAYOUT.bundle(backup.id(), 0), new byte[1]);
            filled.put(LAYOUT.bundle(backup.id(), 1), new byte[1]);
            filled.put(LAYOUT.manifest(backup.id()), new byte[1]);
            filled.put(LAYOUT.backup(backup.id()), RepositoryJson.write(backup));
        }
        return filled;
    }

    @Test
    void broken_off_anywhere_it_leaves_whole_backups_only_and_the_next_run_ends_it() {
        boolean isBroken = true;
        for (int writes = 0; isBroken; writes++) {
            store = filled();
            store.breakAfter(writes);
            isBroken = breaks();
            store.breakAfter(MemoryStore.NEVER);

            assertThat(listed()).contains(third).allMatch(this::isWhole);

            prune(RetentionPolicy.keep(1));
            assertThat(listed()).containsExactly(third);
            assertThat(keys("/backups/")).allMatch(key -> key.contains(third.id().toString()));
            assertThat(keys("/wal/")).first().asString().endsWith("00B.zst");
            assertThat(keys("/tombstones/")).isEmpty();
            assertThat(writes).isLessThan(100);
        }
    }

    private boolean breaks() {
        try {
            prune(RetentionPolicy.keep(1));
            return false;
        } catch (StoreException brokenOff) {
            return true;
        }
    }

    @Test
    void a_deposed_primary_stops_at_its_next_deletion() {
        for (int deletions = 0; deletions < 4; deletions++) {
            store = filled();
            AtomicInteger left = new AtomicInteger(deletions);
            Mandate mandate =
                    () -> {
                        if (left.getAndDecrement() == 0) {
                            throw new RepositoryException("deposed", "none, this is a test");
                        }
                    };
            int before = store.keys().size();

            assertThatThrownBy(() -> prune(RetentionPolicy.keep(1), mandate)).hasMessage("deposed");
            assertThat(listed()).allMatch(this::isWhole);
            if (deletions == 0) {
                assertThat(store.keys().size()).isGreaterThanOrEqualTo(before);
            }
            prune(RetentionPolicy.keep(1));
            assertThat(listed()).containsExactly(third);
        }
    }

    @Test
    void the_mark_of_a_later_epoch_ends_the_mandate() {
        store.put(LAYOUT.epoch(4), new byte[1]);
        Mandate mandate = Mandate.of(store, LAYOUT, new WriterEpoch(4), () -> true);
        mandate.confirm();
        store.put(LAYOUT.epoch(5), new byte[1]);

        assertThatThrownBy(mandate::confirm)
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("a later one has begun");
        assertThatThrownBy(Mandate.of(store, LAYOUT, new WriterEpoch(5), () -> false)::confirm)
                .hasMessageContaining("the primary no longer");
    }

    @Test
    void a_backup_that_the_store_will_not_delete_stays_with_its_wal() {
        store.lock(key -> key.equals(LAYOUT.backup(first.id())));

        PruneReport report = prune(RetentionPolicy.keep(1));

        assertThat(listed()).containsExactly(first, third).allMatch(this::isWhole);
        assertThat(report.backups()).isEqualTo(1);
        assertThat(report.refused()).anyMatch(it -> it.contains(first.id().toString()));
        assertThat(store.holds(LAYOUT.segment(segment(1, 2)))).isTrue();
        assertThat(store.holds(LAYOUT.segment(segment(1, 5)))).isFalse();
        assertThat(keys("/tombstones/")).isEmpty();
    }

    @Test
    void data_that_the_store_will_not_delete_goes_when_the_lock_is_over() {
        store.lock(key -> key.equals(LAYOUT.bundle(first.id(), 1)));

        assertThat(prune(RetentionPolicy.keep(1)).refused()).hasSize(1);
        assertThat(listed()).containsExactly(third);
        assertThat(keys("/backups/" + first.id())).hasSize(1);

        store.lock(_ -> false);
        assertThat(prune(RetentionPolicy.keep(1)).garbage()).isEqualTo(1);
        assertThat(keys("/backups/" + first.id())).isEmpty();
    }

    @Test
    void a_store_that_deletes_nothing_loses_nothing() {
        store.lock(_ -> true);
        List<String> before = store.keys();

        PruneReport report = prune(RetentionPolicy.keep(1));

        assertThat(report.refused()).isNotEmpty();
        assertThat(store.keys()).containsAll(before);
        assertThat(listed()).containsExactly(first, second, third);
    }

    @Test
    void a_pin_that_comes_after_the_plan_holds_all_the_same() {
        RetentionFacts old = facts();
        new Pins(store, LAYOUT).pin(new Pin(first.id(), "just in time", NOW));

        new Pruner(store, LAYOUT, () -> {}).prune(old, RetentionPolicy.keep(1), NOW);

        assertThat(listed()).containsExactly(first, third).allMatch(this::isWhole);
        assertThat(keys("/tombstones/")).isEmpty();
    }

    @Test
    void what_an_interrupted_pruning_was_deleting_is_pinned_for_the_next_and_not_before() {
        new Tombstones(store, LAYOUT).raise(first.id(), NOW);
        Pins pins = new Pins(store, LAYOUT, 2, Duration.ZERO);

        assertThatThrownBy(() -> pins.pin(new Pin(first.id(), "", NOW)))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("is being deleted");
        prune(RetentionPolicy.keep(1));

        assertThat(listed()).containsExactly(first, third).allMatch(this::isWhole);
        assertThat(pins.pin(new Pin(first.id(), "", NOW)).backup()).isEqualTo(first.id());
        assertThatThrownBy(() -> pins.pin(new Pin(new BackupId(hour(1), 99), "", NOW)))
                .hasMessageContaining("not in the repository");
    }

    @Test
    void a_backup_is_pinned_and_unpinned_and_pinned_again() {
        Pins pins = new Pins(store, LAYOUT);
        pins.pin(new Pin(first.id(), "one", NOW));
        assertThat(pins.pin(new Pin(first.id(), "two", NOW)).reason()).isEqualTo("one");
        prune(RetentionPolicy.keep(1));
        assertThat(listed()).containsExactly(first, third);

        assertThat(pins.unpin(first.id())).isTrue();
        assertThat(pins.unpin(first.id())).isFalse();
        assertThat(pins.pin(new Pin(first.id(), "three", NOW)).reason()).isEqualTo("three");
        pins.unpin(first.id());
        prune(RetentionPolicy.keep(1));

        assertThat(listed()).containsExactly(third);
    }

    @Test
    void an_interrupted_deletion_of_what_is_now_wanted_is_taken_back() {
        new Tombstones(store, LAYOUT).raise(first.id(), NOW);

        prune(RetentionPolicy.keep(3));

        assertThat(listed()).containsExactly(first, second, third);
        assertThat(keys("/tombstones/")).isEmpty();
    }

    @Test
    void what_is_completed_between_look_and_deletion_stays() {
        byte[] mark = RepositoryJson.write(first);
        store.at(hour(1));
        store.put(LAYOUT.bundle(first.id(), 0), new byte[1]);
        store.delete(
                List.of(
                        LAYOUT.backup(first.id()),
                        LAYOUT.bundle(first.id(), 1),
                        LAYOUT.manifest(first.id())));
        RetentionFacts old = facts();
        store.put(LAYOUT.backup(first.id()), mark);

        new Pruner(store, LAYOUT, () -> {}).prune(old, RetentionPolicy.keep(9), NOW);

        assertThat(store.holds(LAYOUT.bundle(first.id(), 0))).isTrue();
        assertThat(keys("/tombstones/")).isEmpty();
    }

    @Test
    void wal_stays_for_a_backup_that_began_after_the_plan() {
        RetentionFacts old = facts();
        store.put(LAYOUT.journal(new BackupId(hour(29), 9), 0), new byte[1]);

        PruneReport report =
                new Pruner(store, LAYOUT, () -> {}).prune(old, RetentionPolicy.keep(1), NOW);

        assertThat(report.backups()).isEqualTo(2);
        assertThat(report.walSegments()).isZero();
        assertThat(keys("/wal/")).hasSize(20);
    }

    @Test
    void a_backup_that_a_member_says_it_begins_holds_the_wal_before_anything_is_there() {
        RetentionFacts facts =
                RetentionFacts.of(
                        store,
                        LAYOUT,
                        Optional.of(new TimelineId(1)),
                        Set.of(new BackupId(hour(29), 9)));

        new Pruner(store, LAYOUT, () -> {}).prune(facts, RetentionPolicy.keep(1), NOW);

        assertThat(listed()).containsExactly(third);
        assertThat(keys("/wal/")).hasSize(20);
    }

    @Test
    void a_pin_that_is_damaged_holds_all_the_same() {
        store.put(LAYOUT.pin(first.id()), "{ \"back".getBytes(StandardCharsets.UTF_8));

        prune(RetentionPolicy.keep(1));

        assertThat(listed()).containsExactly(first, third).allMatch(this::isWhole);
        assertThat(new Pins(store, LAYOUT).unpin(first.id())).isTrue();
    }

    /** The run that was killed before its second look had been stopped for a day before. */
    @Test
    void a_mark_over_what_was_being_deleted_counts_for_nothing_and_goes() {
        putTorn();
        new Tombstones(store, LAYOUT).raise(TORN, NOW);

        prune(RetentionPolicy.keep(1));

        assertThat(listed()).containsExactly(third);
        assertThat(keys(TORN.toString())).isEmpty();
    }

    @Test
    void a_backup_that_has_lost_an_object_counts_for_nothing_and_all_wal_stays() {
        putTorn();

        prune(RetentionPolicy.keep(1));

        assertThat(listed()).hasSize(2).contains(third);
        assertThat(store.holds(LAYOUT.backup(TORN))).isTrue();
        assertThat(keys("/wal/")).hasSize(20);
    }

    private static final BackupId TORN = new BackupId(hour(14.5), 9);

    /** Newer than all others, and without its bundle. */
    private void putTorn() {
        store.put(
                LAYOUT.backup(TORN),
                RepositoryJson.write(
                        new BaseBackup(
                                1,
                                TORN,
                                "torn",
                                LAYOUT.cluster(),
                                LAYOUT.systemIdentifier(),
                                third.server(),
                                new BackupWal(
                                        new TimelineId(1),
                                        position(14.5),
                                        position(15.5),
                                        hour(14.5),
                                        hour(15.5),
                                        Optional.empty()),
                                third.totals(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(new BackupObject("bundle-00000.tar.zst", 1, "")))));
    }

    /** A run that creates its mark after the folder was listed, and is killed before it looks. */
    @Test
    void a_mark_that_comes_while_its_data_goes_does_not_stay_listed() {
        store.delete(List.of(LAYOUT.backup(first.id())));
        new Tombstones(store, LAYOUT).raise(first.id(), NOW);
        AtomicInteger deletions = new AtomicInteger();
        SteppedStore stepped =
                new SteppedStore(
                        store,
                        step -> {
                            if (step.isWrite()
                                    && step.isAbout(LAYOUT.bundle(first.id(), 0))
                                    && deletions.getAndIncrement() == 0) {
                                store.put(LAYOUT.backup(first.id()), RepositoryJson.write(first));
                            }
                        });

        new Pruner(stepped, LAYOUT, () -> {}).prune(facts(), RetentionPolicy.keep(1), NOW);

        assertThat(deletions).hasPositiveValue();
        assertThat(listed()).containsExactly(third).allMatch(this::isWhole);
        assertThat(keys("/backups/" + first.id())).isEmpty();
        assertThat(keys("/tombstones/")).isEmpty();
    }

    @Test
    void nothing_of_another_system_identifier_is_touched() {
        RepositoryLayout other = new RepositoryLayout(LAYOUT.cluster(), new SystemIdentifier(7));
        store.put(other.segment(segment(1, 1)), new byte[1]);
        store.put(other.bundle(first.id(), 0), new byte[1]);

        prune(RetentionPolicy.keep(1));

        assertThat(store.holds(other.segment(segment(1, 1)))).isTrue();
        assertThat(store.holds(other.bundle(first.id(), 0))).isTrue();
    }

    @Test
    void a_plan_that_relies_on_a_backup_that_is_gone_deletes_nothing() {
        RetentionFacts old = facts();
        store.delete(List.of(LAYOUT.backup(third.id())));

        assertThatThrownBy(() ->
                        new Pruner(store, LAYOUT, () -> {})
                                .prune(old, RetentionPolicy.keep(1), NOW))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("gone, though the plan keeps it");
        assertThat(listed()).containsExactly(first, second);
    }

    private List<BaseBackup> listed() {
        return Backups.list(store, LAYOUT);
    }

    private boolean isWhole(BaseBackup backup) {
        return store.holds(LAYOUT.bundle(backup.id(), 0))
                && store.holds(LAYOUT.bundle(backup.id(), 1))
                && store.holds(LAYOUT.manifest(backup.id()))
                && backup.wal().segments(backup.server().walSegmentSize()).stream()
                        .allMatch(it -> store.holds(LAYOUT.segment(it)));
    }

    private List<String> keys(String part) {
        return store.keys().stream().filter(it -> it.contains(part)).toList();
    }

    private RetentionFacts facts() {
        return RetentionFacts.of(store, LAYOUT, Optional.of(new TimelineId(1)), Set.of());
    }

    private PruneReport prune(RetentionPolicy policy) {
        return prune(policy, () -> {});
    }

    private PruneReport prune(RetentionPolicy policy, Mandate mandate) {
        return new Pruner(store, LAYOUT, mandate).prune(facts(), policy, NOW);
    }
}
