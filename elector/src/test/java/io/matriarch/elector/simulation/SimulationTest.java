package io.matriarch.elector.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Runs the elector through a hundred thousand disasters. One seed is replayed, shrunk and told with
 * {@code -Dsimulation.seed=N}; {@code -Dsimulation.first} and {@code -Dsimulation.histories} choose
 * others, and {@code -Dsimulation.defect} the planted defects with these words.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SimulationTest {

    private static final int HISTORIES = 100_000;

    /** How many failing histories end a run: each is reported. */
    private static final int ENOUGH = 3;

    /** How many histories without ZooKeeper, and nothing else that goes wrong. */
    private static final int OUTAGES = 2_000;

    /** How many histories in which a standby's Postgres ends meanwhile. */
    private static final int ENDS = 1_000;

    /** How many histories in which only the preferred member lags, and its primary dies. */
    private static final int LAGS = 2_000;

    /** How many histories in which all hosts are without power, and nothing else goes wrong. */
    private static final int BLACKOUTS = 2_000;

    /** How many histories with one full disk, and nothing else that goes wrong. */
    private static final int FULL_DISKS = 500;

    /** How many histories in which asides are removed for ever while the primary dies. */
    private static final int REMOVALS = 500;

    /** How many histories in which a primary ends while a checkpoint of it hangs. */
    private static final int HANGS = 500;

    /** How many histories in which a primary dies whose commits do not wait yet. */
    private static final int FAILINGS = 500;

    /** How many histories in which a primary can do nothing any more, in each of the ways. */
    private static final int USELESS = 500;

    /** After this many histories of which none went wrong with it a defect has not been noticed. */
    private static final int HUNT = 6_000;

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.matriarch.elector");

    private static Level before = Level.INFO;

    @BeforeAll
    static void silence() {
        before = LOGGER.getEffectiveLevel();
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOGGER.setLevel(before);
    }

    @Test
    void no_disaster_breaks_an_invariant() throws Exception {
        long first = Long.getLong("simulation.first", 1);
        long count = Long.getLong("simulation.histories", HISTORIES);
        Long single = Long.getLong("simulation.seed");
        if (single != null) {
            first = single;
            count = 1;
        }

        List<String> failures = run(first, count);

        System.out.println(count + " histories");
        assertThat(failures).isEmpty();
    }

    private static List<String> run(long first, long count) throws Exception {
        AtomicLong next = new AtomicLong(first);
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed < first + count;
                    seed = next.getAndIncrement()) {
                if (History.run(Plan.of(seed), Defect.NONE).isFailed()) {
                    String report = Shrinking.report(Plan.of(seed), () -> Defect.NONE);
                    synchronized (failures) {
                        failures.add(report);
                        if (failures.size() >= ENOUGH) {
                            next.set(first + count);
                        }
                    }
                }
            }
        });
        return failures;
    }

    @Test
    void with_failsafe_a_primary_goes_on_without_zookeeper() throws Exception {
        AtomicLong next = new AtomicLong(1);
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= OUTAGES;
                    seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).withoutZooKeeper();
                long from = plan.faults().getFirst().begin();
                History.Outcome outcome = History.withoutOutage(plan, Defect.NONE, from);
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        assertThat(failures).isEmpty();
    }

    @Test
    void a_standby_that_ended_without_zookeeper_comes_back_without_it() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement(); seed <= ENDS; seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).withoutZooKeeperAndAStandby();
                History.Outcome outcome =
                        History.withoutZooKeeperAndAStandby(
                                plan, Defect.NONE, back -> due.addAndGet(back.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println("%d standbys ended without ZooKeeper".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(ENDS / 2);
    }

    @Test
    void the_preferred_wins_though_it_lags_when_nothing_else_goes_wrong() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        AtomicInteger caughtUp = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement(); seed <= LAGS; seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).ofPreferredThatLags();
                History.Outcome outcome =
                        History.ofPreferredThatLags(
                                plan,
                                Defect.NONE,
                                wins -> {
                                    due.addAndGet(wins.isDue() ? 1 : 0);
                                    caughtUp.addAndGet(wins.caughtUp() > 0 ? 1 : 0);
                                });
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println(
                "%d of %d preferred members caught up".formatted(caughtUp.get(), due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(LAGS / 2);
        assertThat(caughtUp).hasValueGreaterThan(LAGS / 4);
    }

    @Test
    void no_blackout_moves_the_primary_that_comes_back_in_time() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= BLACKOUTS;
                    seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).ofBlackout();
                History.Outcome outcome =
                        History.ofBlackout(
                                plan,
                                Defect.NONE,
                                returns -> due.addAndGet(returns.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(Shrinking.report(plan, () -> Defect.NONE));
                    }
                }
            }
        });
        System.out.println("%d last primaries came back in time".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(BLACKOUTS / 10);
    }

    @Test
    void a_primary_whose_disk_is_full_is_succeeded() throws Exception {
        AtomicLong next = new AtomicLong(1);
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= FULL_DISKS;
                    seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).withAFullDisk();
                History.Outcome outcome = History.withAFullDisk(plan, Defect.NONE);
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        assertThat(failures).isEmpty();
    }

    @Test
    void a_primary_whose_postgres_hangs_is_succeeded() throws Exception {
        assertSucceeded(Plan::ofHangingPostgres);
    }

    @Test
    void a_primary_whose_data_cannot_be_read_is_succeeded() throws Exception {
        assertSucceeded(Plan::ofUnreadableData);
    }

    @Test
    void a_primary_whose_member_hangs_is_succeeded() throws Exception {
        assertSucceeded(Plan::ofHangingVolume);
    }

    private static void assertSucceeded(UnaryOperator<Plan> setting) throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= USELESS;
                    seed = next.getAndIncrement()) {
                Plan plan = setting.apply(Plan.of(seed));
                History.Outcome outcome =
                        History.ofUselessPrimary(
                                plan,
                                Defect.NONE,
                                useless -> due.addAndGet(useless.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println("%d primaries were useless".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(USELESS / 2);
    }

    @Test
    void nobody_waits_until_what_was_replaced_is_removed() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= REMOVALS;
                    seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).ofSlowRemovals();
                History.Outcome outcome =
                        History.ofSlowRemovals(
                                plan,
                                Defect.NONE,
                                removed -> due.addAndGet(removed.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println("%d primaries died in a removal".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(REMOVALS / 2);
    }

    @Test
    void a_checkpoint_that_hangs_holds_up_no_restart() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement(); seed <= HANGS; seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).ofHangingCheckpoint();
                History.Outcome outcome =
                        History.ofHangingCheckpoint(
                                plan,
                                Defect.NONE,
                                decides -> due.addAndGet(decides.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println("%d primaries ended in a checkpoint".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(HANGS / 2);
    }

    @Test
    void no_commit_is_lost_because_a_checkpoint_failed() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicInteger due = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        inParallel(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= FAILINGS;
                    seed = next.getAndIncrement()) {
                Plan plan = Plan.of(seed).ofFailingCheckpoint();
                History.Outcome outcome =
                        History.ofFailingCheckpoint(
                                plan,
                                Defect.NONE,
                                unproven -> due.addAndGet(unproven.isDue() ? 1 : 0));
                if (outcome.isFailed()) {
                    synchronized (failures) {
                        failures.add(plan + "\n  => " + outcome.violation());
                    }
                }
            }
        });
        System.out.println("%d primaries died before commits waited".formatted(due.get()));
        assertThat(failures).isEmpty();
        assertThat(due).hasValueGreaterThan(FAILINGS / 2);
    }

    @Test
    void every_planted_defect_is_noticed() throws Exception {
        String wanted = System.getProperty("simulation.defect", "");
        List<Planted> all =
                Planted.all().stream().filter(one -> one.what().contains(wanted)).toList();
        AtomicLong next = new AtomicLong();
        List<String> caught = new ArrayList<>();
        List<String> missed = new ArrayList<>();

        inParallel(() -> {
            for (int i = (int) next.getAndIncrement();
                    i < all.size();
                    i = (int) next.getAndIncrement()) {
                Planted planted = all.get(i);
                boolean isCaught = isCaught(planted);
                synchronized (caught) {
                    (isCaught ? caught : missed).add(planted.what());
                }
            }
        });

        System.out.println("%d of %d planted defects caught".formatted(caught.size(), all.size()));
        assertThat(missed).isEmpty();
        assertThat(caught).hasSizeGreaterThanOrEqualTo(wanted.isEmpty() ? 20 : 1);
    }

    /** A history that breaks an invariant with the defect, and does not fail without. */
    private static boolean isCaught(Planted planted) {
        for (long seed = 1; seed <= HUNT; seed++) {
            Plan plan = planted.plan(seed);
            if (History.run(plan, planted.defect()).breaksAnInvariant()
                    && !History.run(plan, Defect.NONE).isFailed()) {
                return true;
            }
        }
        return false;
    }

    @Test
    void a_seed_is_the_same_history_each_time() {
        List<Long> once = new ArrayList<>();
        List<Long> again = new ArrayList<>();

        for (long seed = 1; seed <= 200; seed++) {
            once.add(History.run(Plan.of(seed), Defect.NONE).digest());
            again.add(History.run(Plan.of(seed), Defect.NONE).digest());
        }

        assertThat(again).isEqualTo(once).doesNotHaveDuplicates();
    }

    private static void inParallel(Runnable work) throws InterruptedException, ExecutionException {
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(workers.submit(work));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }
}
