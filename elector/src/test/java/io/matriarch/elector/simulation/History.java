package io.matriarch.elector.simulation;

import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Postgres;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One history from its beginning to the moment at which the cluster is well again. */
final class History {

    /** After the last fault a cluster has so long to become well. */
    private static final long BOUND = 90 * VirtualTime.SECONDS;

    /** A primary without room is succeeded in so long. */
    private static final long RELIEF = 12 * VirtualTime.SECONDS;

    /** One that hangs, after its patience, and the supervisor's; and its cycle's. */
    private static final long RELEASE = 33 * VirtualTime.SECONDS;

    private static final int SESSIONS = 3;

    private static final long BETWEEN_LOOKS = 500 * VirtualTime.MILLIS;

    private final World world;
    private final NoLostCommit commits;
    private final NoVanishedRead reads;
    private final LastPrimaryReturns returns;
    private long lastCommits = -1;
    private long until = -1;

    /**
     * How it ended.
     *
     * @param violation absent if nothing happened that must not
     * @param digest the same for the same history
     */
    record Outcome(@Nullable Throwable violation, long digest, long end, int commits) {

        boolean isFailed() {
            return violation != null;
        }

        /** Not by an error of whatever kind, but by something that must not happen. */
        boolean breaksAnInvariant() {
            return violation instanceof Violation;
        }

        /** Whether both have failed, and in the same way. */
        boolean failsLike(Outcome other) {
            return isFailed() && kind().equals(other.kind());
        }

        private String kind() {
            return violation instanceof Violation broken
                    ? broken.invariant()
                    : String.valueOf(violation == null ? null : violation.getClass());
        }
    }

    private History(Plan plan, Defect defect) {
        this.world = new World(plan, defect);
        if (defect instanceof Telling telling) {
            telling.of(world);
        }
        this.commits = new NoLostCommit(world);
        world.watchedBy(new OneWriter(world));
        world.watchedBy(new FenceBeforeExpiry(world));
        world.watchedBy(commits);
        this.reads = new NoVanishedRead(world);
        world.watchedBy(reads);
        world.watchedBy(new OnlyTheHealthiest(world));
        world.watchedBy(new NeverByAccident(world));
        world.watchedBy(new NoGreaterLoss(world));
        world.watchedBy(new PreferredButNotForLong(world));
        this.returns = new LastPrimaryReturns(world);
        world.watchedBy(returns);
    }

    static Outcome run(Plan plan, Defect defect) {
        return outcome(new History(plan, defect));
    }

    /** A history in which only ZooKeeper is away, from a moment on: its primary must go on. */
    static Outcome withoutOutage(Plan plan, Defect defect, long from) {
        History history = new History(plan, defect);
        history.world.watchedBy(new NoOutage(history.world, from));
        return outcome(history);
    }

    /**
     * A history in which the Postgres of a standby ends while ZooKeeper is away.
     *
     * @param tally is told whether it was a standby's
     */
    static Outcome withoutZooKeeperAndAStandby(
            Plan plan, Defect defect, Consumer<StandbyComesBack> tally) {
        return watched(new History(plan, defect), StandbyComesBack::new, tally);
    }

    /**
     * A history in which the primary dies while the preferred member lags.
     *
     * @param tally is told what became of it
     */
    static Outcome ofPreferredThatLags(Plan plan, Defect defect, Consumer<PreferredWins> tally) {
        return watched(new History(plan, defect), PreferredWins::new, tally);
    }

    /**
     * A history in which all hosts are without power.
     *
     * @param tally is told whether the last primary came back in time
     */
    static Outcome ofBlackout(Plan plan, Defect defect, Consumer<LastPrimaryReturns> tally) {
        History history = new History(plan, defect);
        Outcome outcome = outcome(history);
        tally.accept(history.returns);
        return outcome;
    }

    /** A history in which a disk is full for long: another member must serve meanwhile. */
    static Outcome withAFullDisk(Plan plan, Defect defect) {
        History history = new History(plan, defect);
        history.until = plan.faults().getFirst().begin() + RELIEF;
        return outcome(history);
    }

    /**
     * A history in which a primary can do nothing any more: another one must serve meanwhile.
     *
     * @param tally is told whether it befell the primary
     */
    static Outcome ofUselessPrimary(Plan plan, Defect defect, Consumer<DiesMeanwhile> tally) {
        History history = new History(plan, defect);
        Fault fault = plan.faults().getFirst();
        long sessions = SESSIONS * plan.lease().session().toMillis() * VirtualTime.MILLIS;
        history.until = fault.begin() + RELEASE + RELIEF;
        if (fault.kind() == Fault.Kind.VOLUME_HANGS) {
            history.until += sessions;
        }
        return watched(history, world -> new DiesMeanwhile(world, primary -> true), tally);
    }

    /**
     * A history in which a primary ends while a checkpoint of it hangs.
     *
     * @param tally is told whether that came about
     */
    static Outcome ofHangingCheckpoint(Plan plan, Defect defect, Consumer<DecidesMeanwhile> tally) {
        return watched(new History(plan, defect), DecidesMeanwhile::new, tally);
    }

    /**
     * A history in which the checkpoint fails after which commits surely wait.
     *
     * @param tally is told whether the primary died before
     */
    static Outcome ofFailingCheckpoint(Plan plan, Defect defect, Consumer<DiesMeanwhile> tally) {
        // Its standby is in its synchronous set, and commits do not wait for it yet.
        return watched(
                new History(plan, defect),
                world -> new DiesMeanwhile(world, primary -> primary.postgres().isYetToWait()),
                tally);
    }

    /**
     * A history in which the primary's host dies while asides are being removed.
     *
     * @param tally is told whether that came about
     */
    static Outcome ofSlowRemovals(Plan plan, Defect defect, Consumer<DiesMeanwhile> tally) {
        History history = new History(plan, defect);
        history.until = plan.faults().getLast().begin() + RELIEF;
        return watched(
                history,
                world ->
                        new DiesMeanwhile(
                                world,
                                primary ->
                                        world.hosts().stream()
                                                .filter(host -> host != primary)
                                                .allMatch(host -> host.disk().isRemoving())),
                tally);
    }

    private static <W extends Witness> Outcome watched(
            History history, Function<World, W> by, Consumer<W> tally) {
        W witness = by.apply(history.world);
        history.world.watchedBy(witness);
        Outcome outcome = outcome(history);
        tally.accept(witness);
        return outcome;
    }

    private static Outcome outcome(History history) {
        Throwable violation = null;
        try {
            history.run();
        } catch (RuntimeException | Violation found) {
            violation = found;
        }
        return new Outcome(
                violation,
                history.world.digest(),
                history.world.time().now(),
                history.commits.count());
    }

    private void run() {
        world.open();
        long mended = world.plan().faultsEnd();
        while (world.time().now() < until) {
            world.step();
        }
        if (until > 0 && !isServedWithRoom()) {
            throw new Violation("relieved", "nobody serves: " + describe());
        }
        while (world.time().now() < mended) {
            world.step();
        }
        long look = mended;
        while (true) {
            while (world.time().now() < look) {
                world.step();
            }
            if (isWell()) {
                commits.check(primary());
                reads.check(primary());
                return;
            }
            if (look > mended + BOUND) {
                throw new Violation(
                        "well again",
                        "not after %d s: %s".formatted(BOUND / 1_000_000, describe()));
            }
            look += BETWEEN_LOOKS;
        }
    }

    private Host primary() {
        ClusterState state = world.state();
        if (state == null) {
            throw new IllegalStateException("no cluster");
        }
        return world.host(state.primary().value());
    }

    /** One primary takes writes, and everybody else follows it closely. */
    private boolean isWell() {
        ClusterState state = world.state();
        if (state == null || state.phase() != Phase.READY) {
            return false;
        }
        Host primary = primary();
        int now = commits.count();
        boolean areCommitsTaken = lastCommits >= 0 && now > lastCommits;
        lastCommits = now;
        return areCommitsTaken
                && primary.postgres().run() == Postgres.Run.PRIMARY
                && world.hosts().stream()
                        .allMatch(host -> host == primary || follows(host, primary));
    }

    private boolean isServedWithRoom() {
        ClusterState state = world.state();
        return state != null
                && state.phase() == Phase.READY
                && primary().postgres().run() == Postgres.Run.PRIMARY
                && primary().postgres().takesWrites()
                && !primary().disk().isFull();
    }

    private static boolean follows(Host host, Host primary) {
        Data own = host.disk().data();
        Data theirs = primary.disk().data();
        // Whoever lost the race to found the cluster has data that nobody touches.
        boolean isStranger = own != null && theirs != null && !own.system().equals(theirs.system());
        return isStranger || (own != null && host.postgres().streamsFrom(primary));
    }

    private String describe() {
        StringBuilder text = new StringBuilder().append(world.state());
        for (Host host : world.hosts()) {
            MemberCycle cycle = host.sidecar().cycle();
            text.append("\n    ")
                    .append(host)
                    .append(": ")
                    .append(host.postgres().run())
                    .append(", ")
                    .append(host.disk().data())
                    .append(", repair ")
                    .append(host.disk().repair())
                    .append(", ")
                    .append(cycle == null ? "no sidecar" : cycle.outlook().decision());
        }
        return text.toString();
    }
}
