package io.matriarch.archiver.retention;

import static io.matriarch.archiver.planning.TestArchive.LAYOUT;
import static io.matriarch.archiver.planning.TestArchive.hour;
import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.SteppedStore.Step;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * People who pin and unpin a backup while a pruning is about to delete it, in every order of their
 * calls to the store: who was told that it is pinned has it, unless somebody unpinned it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PinningMeanwhileTest {

    private static final Instant NOW = hour(30);
    private static final int NEVER = Integer.MAX_VALUE;

    private final TestArchive archive = new TestArchive().wal(1, 1, 14);
    private final BaseBackup going = archive.backup(1, 2.5, 3.5);
    private final BaseBackup kept = archive.backup(1, 11.5, 12.5);
    private int told;
    private int refused;
    private int deleted;

    /** What one actor calls, and what the other's calls may come between. */
    private boolean isWatched(Step step) {
        return step.isAbout(LAYOUT.pin(going.id()))
                || step.isAbout(LAYOUT.tombstone(going.id()))
                || step.isAbout(LAYOUT.backup(going.id()));
    }

    @Test
    void two_who_pin_and_a_pruning() throws Exception {
        assertThat(orders(2, 0, NEVER)).isGreaterThan(100);
        assertThatAllHappened();
    }

    @Test
    void two_who_pin_one_who_unpins_and_a_pruning() throws Exception {
        assertThat(orders(2, 1, NEVER)).isGreaterThan(1_000);
        assertThatAllHappened();
    }

    /** Killed after so many of its calls, and then the next one comes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void two_who_pin_and_a_pruning_that_is_killed(int calls) throws Exception {
        assertThat(orders(2, 0, calls)).isGreaterThan(100);
        assertThatAllHappened();
    }

    private void assertThatAllHappened() {
        assertThat(told).isPositive();
        assertThat(refused).isPositive();
        assertThat(deleted).isPositive();
    }

    private int orders(int pinners, int unpinners, int calls) throws InterruptedException {
        return new Interleavings(this::isWatched).run(() -> new Meeting(pinners, unpinners, calls));
    }

    private final class Pinner implements Interleavings.Actor {

        private final int self;
        private final int looks;
        private boolean isTold;

        Pinner(int self, int looks) {
            this.self = self;
            this.looks = looks;
        }

        @Override
        public void run(ObjectStore store) {
            try {
                Pin _ =
                        new Pins(store, LAYOUT, looks, Duration.ZERO)
                                .pin(new Pin(going.id(), "by " + self, NOW));
                isTold = true;
            } catch (RepositoryException beingDeleted) {
                isTold = false;
            }
        }
    }

    private final class Unpinner implements Interleavings.Actor {

        private boolean hasUnpinned;

        @Override
        public void run(ObjectStore store) {
            hasUnpinned = new Pins(store, LAYOUT).unpin(going.id());
        }
    }

    private final class Meeting implements Interleavings.Scene {

        private final MemoryStore store = new MemoryStore();
        private final List<Interleavings.Actor> actors = new ArrayList<>();
        private final List<Pinner> pinners = new ArrayList<>();
        private final List<Unpinner> unpinners = new ArrayList<>();

        Meeting(int pinnerCount, int unpinnerCount, int calls) {
            store.at(hour(20));
            for (long number = 1; number <= 14; number++) {
                store.put(LAYOUT.segment(segment(1, number)), new byte[1]);
            }
            for (BaseBackup backup : List.of(going, kept)) {
                store.put(LAYOUT.bundle(backup.id(), 0), new byte[1]);
                store.put(LAYOUT.backup(backup.id()), RepositoryJson.write(backup));
            }
            for (int i = 0; i < pinnerCount; i++) {
                // Who waits is tried with the fewest others: each look multiplies the orders.
                pinners.add(new Pinner(i, unpinnerCount == 0 && calls == NEVER ? 2 : 1));
            }
            for (int i = 0; i < unpinnerCount; i++) {
                unpinners.add(new Unpinner());
            }
            RetentionFacts old = facts(store);
            actors.addAll(pinners);
            actors.addAll(unpinners);
            actors.add(it -> pruneUntilKilled(it, old, calls));
        }

        private void pruneUntilKilled(ObjectStore all, RetentionFacts old, int calls) {
            int[] left = {calls};
            ObjectStore broken =
                    new SteppedStore(
                            all,
                            step -> {
                                if (isWatched(step) && left[0]-- <= 0) {
                                    throw new StoreException("killed", "a test", true, null);
                                }
                            });
            try {
                prune(broken, old);
            } catch (StoreException killed) {
                prune(all, facts(all));
            }
        }

        @Override
        public ObjectStore store() {
            return store;
        }

        @Override
        public List<Interleavings.Actor> actors() {
            return actors;
        }

        @Override
        public void check(List<Integer> order) {
            prune(store, facts(store));
            boolean isThere = store.holds(LAYOUT.backup(going.id()));
            boolean wasUnpinned = unpinners.stream().anyMatch(it -> it.hasUnpinned);
            long happy = pinners.stream().filter(it -> it.isTold).count();

            assertThat(isThere || happy == 0 || wasUnpinned)
                    .as("told that it is pinned, and gone: order %s", order)
                    .isTrue();
            assertThat(store.holds(LAYOUT.pin(going.id())) || happy == 0 || wasUnpinned)
                    .as("told that it is pinned, and no pin: order %s", order)
                    .isTrue();
            assertThat(store.keys())
                    .as("left of it: order %s", order)
                    .filteredOn(key -> key.contains(going.id().toString()))
                    .hasSizeBetween(isThere ? 2 : 0, isThere ? 3 : 0)
                    .doesNotContain(LAYOUT.tombstone(going.id()));
            assertThat(store.holds(LAYOUT.segment(segment(1, 2)))).isEqualTo(isThere);
            assertThat(store.holds(LAYOUT.backup(kept.id()))).isTrue();
            told += (int) happy;
            refused += pinners.size() - (int) happy;
            deleted += isThere ? 0 : 1;
        }
    }

    private static RetentionFacts facts(ObjectStore store) {
        return RetentionFacts.of(store, LAYOUT, Optional.of(new TimelineId(1)), Set.of());
    }

    private static void prune(ObjectStore store, RetentionFacts facts) {
        new Pruner(store, LAYOUT, () -> {}).prune(facts, RetentionPolicy.keep(1), NOW);
    }
}
