package io.matriarch.archiver.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.retention.World.Commit;
import io.matriarch.archiver.retention.World.Taken;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Whatever happens, what was promised can be restored: told by an oracle, history by history. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionHistoriesTest {

    private static final int HISTORIES = Integer.getInteger("matriarch.histories", 1_000);
    private static final long FIRST_SEED = Long.getLong("matriarch.seed", 1);

    private long prunings;
    private long broken;
    private long deletions;
    private long promises;

    @Test
    void every_kept_backup_and_the_promised_window_restore_after_any_history() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            Random random = new Random(seed);
            assertThatCode(() -> live(random))
                    .as("history -Dmatriarch.seed=%d -Dmatriarch.histories=1", seed)
                    .doesNotThrowAnyException();
        }
        // Nothing above counts if nothing happened.
        assertThat(prunings).isGreaterThan(HISTORIES);
        assertThat(broken).isGreaterThan(HISTORIES / 10);
        assertThat(deletions).isGreaterThan(HISTORIES);
        assertThat(promises).isGreaterThan(HISTORIES * 10L);
    }

    private void live(Random random) {
        World world = new World(random);
        Pins pins = new Pins(world.store, World.LAYOUT, 1, Duration.ZERO);
        RetentionPolicy policy = policy(random);
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(16)) {
                case 0 -> world.failOver();
                case 1, 2, 3 -> world.beginBackup();
                case 4, 5, 6 -> world.endBackup();
                case 7 -> world.anyBackup().ifPresent(it -> pin(pins, it, world.now));
                case 8 -> world.anyBackup().ifPresent(it -> pins.unpin(it.id()));
                case 9 -> world.pass(Duration.ofHours(random.nextInt(40)));
                case 10 -> policy = policy(random);
                case 11, 12 -> pruneAndCheck(world, policy, random);
                default -> world.write();
            }
        }
    }

    /** Not promised where a deletion was interrupted, as its tombstone stands; but it holds. */
    private static void pin(Pins pins, Taken backup, Instant now) {
        try {
            pins.pin(new Pin(backup.id(), "because", now));
        } catch (RepositoryException beingDeleted) {
            assertThat(beingDeleted).hasMessageContaining("is being deleted");
        }
        assertThat(pins.all()).containsKey(backup.id());
    }

    private static RetentionPolicy policy(Random random) {
        RetentionPolicy policy =
                RetentionPolicy.keep(1 + random.nextInt(4)).withFloor(1 + random.nextInt(4));
        if (random.nextInt(4) > 0) {
            policy = policy.withWindow(Duration.ofHours(1 + random.nextInt(100)));
        }
        for (Period period : Period.values()) {
            if (random.nextInt(3) == 0) {
                policy = policy.with(period, 1 + random.nextInt(3));
            }
        }
        return random.nextInt(5) == 0 ? policy.with(Period.DAY, 2).withCount(0) : policy;
    }

    private void pruneAndCheck(World world, RetentionPolicy policy, Random random) {
        Oracle oracle = new Oracle(world);
        List<Taken> restorable = oracle.restorable();
        List<Taken> consistent =
                oracle.listed().stream().filter(oracle::isConsistentByItself).toList();
        List<Commit> promised =
                world.commits.stream()
                        .filter(it -> isPromised(it, restorable, policy, world.now))
                        .filter(oracle::isReachable)
                        .toList();
        Set<BackupId> pinned = new Pins(world.store, World.LAYOUT).all().keySet();
        Set<BackupId> due = due(restorable, policy);
        List<String> untouchable =
                world.store.keys().stream()
                        .filter(it ->
                                !it.contains("/backups/")
                                        && !it.endsWith(".zst")
                                        && !it.contains("/tombstones/"))
                        .toList();
        boolean isWhole = prune(world, policy, random);

        assertThat(oracle.listed()).allMatch(oracle::isWhole);
        assertThat(consistent)
                .filteredOn(it -> oracle.isListed(it.id()))
                .allMatch(oracle::isConsistentByItself);
        List<Taken> left = oracle.restorable();
        assertThat(left)
                .containsAll(restorable.stream().filter(it -> oracle.isListed(it.id())).toList());
        assertThat(promised).allMatch(oracle::isReachable);
        assertThat(left.size()).isGreaterThanOrEqualTo(Math.min(restorable.size(), policy.floor()));
        assertThat(left).extracting(Taken::id).containsAll(due);
        assertThat(oracle.listed())
                .extracting(Taken::id)
                .containsAll(world.taken.stream().map(Taken::id).filter(pinned::contains).toList());
        assertThat(world.store.keys()).containsAll(untouchable);
        assertThat(world.running()).allMatch(it -> world.store.holds(World.LAYOUT.journal(it, 0)));
        promises += promised.size() + due.size();
        if (isWhole) {
            assertThat(plan(world, policy).isEmpty()).isTrue();
            assertThat(new Tombstones(world.store, World.LAYOUT).all()).isEmpty();
        }
    }

    private static boolean isPromised(
            Commit commit, List<Taken> restorable, RetentionPolicy policy, Instant now) {
        if (policy.window().isPresent()) {
            return !commit.time().isBefore(now.minus(policy.window().get()));
        }
        int first = restorable.size() - Math.max(1, policy.count());
        return !restorable.isEmpty()
                && !commit.time().isBefore(restorable.get(Math.max(0, first)).stopTime());
    }

    /** Backups that the policy keeps by their own age, counted here in another way. */
    private static Set<BackupId> due(List<Taken> restorable, RetentionPolicy policy) {
        Set<BackupId> due = new HashSet<>();
        List<Taken> newestFirst = new ArrayList<>(restorable).reversed();
        newestFirst.stream().limit(Math.max(1, policy.count())).forEach(it -> due.add(it.id()));
        due.addAll(newestOf(newestFirst, policy.periods().count(Period.DAY), it -> it));
        due.addAll(
                newestOf(
                        newestFirst,
                        policy.periods().count(Period.MONTH),
                        it -> it.withDayOfMonth(1)));
        due.addAll(
                newestOf(
                        newestFirst,
                        policy.periods().count(Period.YEAR),
                        it -> it.withDayOfYear(1)));
        due.addAll(
                newestOf(
                        newestFirst,
                        policy.periods().count(Period.WEEK),
                        it ->
                                it.get(IsoFields.WEEK_BASED_YEAR) * 100
                                        + it.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)));
        return due;
    }

    private static <T extends Comparable<?>> List<BackupId> newestOf(
            List<Taken> newestFirst, int count, Function<LocalDate, T> period) {
        TreeMap<T, BackupId> newest =
                newestFirst.stream()
                        .collect(
                                Collectors.toMap(
                                        it ->
                                                period.apply(
                                                        it.stopTime()
                                                                .atZone(ZoneOffset.UTC)
                                                                .toLocalDate()),
                                        Taken::id,
                                        (first, _) -> first,
                                        TreeMap::new));
        return newest.descendingMap().values().stream().limit(count).toList();
    }

    private boolean prune(World world, RetentionPolicy policy, Random random) {
        int before = world.store.keys().size();
        boolean breaks = random.nextInt(3) == 0;
        prunings++;
        world.store.breakAfter(breaks ? random.nextInt(12) : MemoryStore.NEVER);
        try {
            new Pruner(world.store, World.LAYOUT, () -> {}).prune(facts(world), policy, world.now);
            return true;
        } catch (StoreException brokenOff) {
            broken++;
            return false;
        } finally {
            world.store.breakAfter(MemoryStore.NEVER);
            deletions += Math.max(0, before - world.store.keys().size());
        }
    }

    private static RetentionPlan plan(World world, RetentionPolicy policy) {
        return RetentionPlanner.plan(facts(world), policy, world.now);
    }

    private static RetentionFacts facts(World world) {
        return RetentionFacts.of(
                world.store,
                World.LAYOUT,
                Optional.of(new TimelineId(world.timeline)),
                world.running());
    }
}
