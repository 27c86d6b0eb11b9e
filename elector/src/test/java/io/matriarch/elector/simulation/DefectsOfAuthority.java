package io.matriarch.elector.simulation;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.cluster.Nodes.Write;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.SupervisorModel;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException;

/** What can be wrong with lease, fence and record. */
final class DefectsOfAuthority {

    private DefectsOfAuthority() {}

    static List<Planted> all() {
        return Stream.of(ofLeases(), ofRecords(), ofSupervisors()).flatMap(List::stream).toList();
    }

    private static List<Planted> ofLeases() {
        return List.of(
                Planted.decided(
                                "a primary that hangs is waited for for ever",
                                (now, right) ->
                                        right.reason().code() == Code.POSTGRES_SILENT
                                                ? new Decision.Stay(Planted.because(right))
                                                : right)
                        .in(Plan::ofHangingPostgres),
                new Planted(
                                "the lease forgets that a follower passes touches on late",
                                new FromAfter(LeaseSettings::tick))
                        .in(DefectsOfAuthority::allCutOffWithADyingServer),
                new Planted("the lease forgets the time that a stop takes", new WithoutStop()),
                new Planted(
                                "the deadline counts from after the answer",
                                new FromAfter(right -> Duration.ZERO))
                        .in(DefectsOfAuthority::cutOffFromSlowServers),
                Planted.around(
                        "the renewal is a read",
                        right -> commits(right, DefectsOfAuthority::byRead)),
                Planted.around(
                                "the renewal goes on when the session is gone",
                                right ->
                                        commits(
                                                oldLatch(anySession(right)),
                                                DefectsOfAuthority::evenIfGone))
                        .in(plan ->
                                aSidecarThatSleepsThroughItsSession(plan).withNobodyPreferred()),
                new Planted("the lease is counted by the wall clock", new ByWallClock()));
    }

    private static List<Planted> ofRecords() {
        return List.of(
                Planted.around(
                        "the state is written without a look at the latch node",
                        right -> commits(right, DefectsOfAuthority::withoutLatch)),
                Planted.around(
                        "the state is written whatever its version is",
                        right -> commits(right, DefectsOfAuthority::anyVersion)),
                Planted.around(
                        "a write whose outcome is unknown is repeated blindly",
                        right -> commits(right, DefectsOfAuthority::again)),
                Planted.around(
                                "what an earlier life was permitted is not taken back",
                                right ->
                                        Replaced.in(
                                                right,
                                                ControlChannel.class,
                                                "readLease",
                                                (same, arguments) -> Optional.empty()))
                        .in(DefectsOfAuthority::aNewLifeAndACrash),
                Planted.decided(
                        "the authority is released before Postgres is proven dead",
                        (now, right) ->
                                now.reign() != null
                                                && now.postgres() instanceof OwnPostgres.Stopping
                                        ? new Decision.Release(
                                                new Vacancy(null, null, "it is stopping"),
                                                Planted.because(right))
                                        : right));
    }

    private static List<Planted> ofSupervisors() {
        return List.of(
                Planted.supervisor(
                        "the supervisor promotes whatever epoch the trigger file holds",
                        new SupervisorModel.Rules(false, true, true, true, true)),
                Planted.supervisor(
                        "the supervisor starts as a primary without a lease",
                        new SupervisorModel.Rules(true, false, true, true, true)),
                Planted.supervisor(
                        "the supervisor does not stop a primary whose lease has ended",
                        new SupervisorModel.Rules(true, true, false, true, true)),
                Planted.supervisor(
                        "the supervisor takes Postgres for dead when its postmaster is",
                        new SupervisorModel.Rules(true, true, true, false, true)),
                Planted.supervisor(
                                "the supervisor makes a cluster without a lease",
                                new SupervisorModel.Rules(true, true, true, true, false))
                        .in(DefectsOfAuthority::aMakerThatFreezes));
    }

    private static final class WithoutStop implements Defect {
        @Override
        public LeaseSettings lease(LeaseSettings right) {
            return new LeaseSettings(
                    right.session(),
                    right.tick(),
                    right.poll(),
                    Duration.ofMillis(-750),
                    right.margin());
        }
    }

    /** Counts from when the answer is here, and not from the call that surely was passed on. */
    private static final class FromAfter implements Defect {

        private final Function<LeaseSettings, Duration> more;
        private Duration length = Duration.ZERO;

        FromAfter(Function<LeaseSettings, Duration> more) {
            this.more = more;
        }

        @Override
        public LeaseSettings lease(LeaseSettings right) {
            length = right.length().plus(more.apply(right));
            return right;
        }

        @Override
        public Surroundings around(Host host, Surroundings right) {
            return Replaced.in(
                    right,
                    ControlChannel.class,
                    "writeLease",
                    (same, arguments) -> {
                        same.writeLease(late((LeaseRecord) arguments[0], right.pace()));
                        return null;
                    });
        }

        private LeaseRecord late(LeaseRecord lease, Pace pace) {
            return lease.mayBePrimary()
                    ? new LeaseRecord(
                            lease.cluster(),
                            lease.system(),
                            lease.incarnation(),
                            lease.epoch(),
                            true,
                            pace.now().plus(length),
                            lease.sequence())
                    : lease;
        }
    }

    /** All members lose ZooKeeper at the moment at which one of its servers dies. */
    private static Plan allCutOffWithADyingServer(Plan plan) {
        long begin = 2_000_000 + plan.seed() * 7_919 % 1_000_003;
        List<Fault> faults = new ArrayList<>(cutOff(plan, begin));
        faults.add(new Fault(Fault.Kind.ZOOKEEPER_SERVER_KILLED, begin, begin + 9_500_000, 0, 0));
        return plan.under(LeaseSettings.of(Duration.ofSeconds(6), Duration.ofSeconds(2)))
                .with(faults);
    }

    /**
     * The sidecar of a primary that shares its commits with nobody yet is frozen until its session
     * has ended, and when it wakes no server of ZooKeeper tells it so.
     */
    private static Plan aSidecarThatSleepsThroughItsSession(Plan plan) {
        long begin = 1_600_000 + plan.seed() * 7_919 % 200_003;
        long end = begin + 6_100_000;
        return plan.of(3, Mode.STRICT)
                .under(LeaseSettings.of(Duration.ofSeconds(4), Duration.ofSeconds(1)))
                .with(
                        List.of(
                                new Fault(Fault.Kind.SIDECAR_FROZEN, begin, end, 0, 0),
                                new Fault(
                                        Fault.Kind.ZOOKEEPER_DOWN,
                                        end - 1_000_000,
                                        end + 2_200_000,
                                        0,
                                        0)));
    }

    /** A cluster has yet to be made; who perhaps makes it freezes, and another one may. */
    private static Plan aMakerThatFreezes(Plan plan) {
        long begin = 800_000 + plan.seed() * 7_919 % 1_800_007;
        long end = begin + 13_000_000;
        return Plan.of(7 * plan.seed())
                .of(2, Mode.OFF)
                .with(
                        List.of(
                                new Fault(Fault.Kind.SUPERVISOR_FROZEN, begin, end, 0, 0),
                                new Fault(
                                        Fault.Kind.SIDECAR_KILLED,
                                        begin + 1_000_000,
                                        end + 2_000_000,
                                        0,
                                        0)));
    }

    /** The primary's sidecar is replaced, and the next moment its Postgres dies. */
    private static Plan aNewLifeAndACrash(Plan plan) {
        int primary = (int) (plan.seed() % plan.members());
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        long death = begin + plan.seed() * 104_729 % 1_500_007;
        return plan.with(
                List.of(
                        new Fault(
                                Fault.Kind.SIDECAR_KILLED,
                                begin,
                                begin + 100_000,
                                primary,
                                primary),
                        new Fault(Fault.Kind.POSTGRES_KILLED, death, death, primary, primary)));
    }

    /** All members lose a ZooKeeper that has been slow for a while. */
    private static Plan cutOffFromSlowServers(Plan plan) {
        long begin = 5_000_000 + plan.seed() * 7_919 % 3_000_017;
        List<Fault> faults = new ArrayList<>(cutOff(plan, begin));
        faults.add(new Fault(Fault.Kind.ZOOKEEPER_SLOW, 3_000_000, 14_000_000, 0, 0));
        return plan.under(LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500)))
                .with(faults);
    }

    private static List<Fault> cutOff(Plan plan, long begin) {
        return IntStream.range(0, plan.members())
                .mapToObj(host ->
                        new Fault(
                                Fault.Kind.CUT_FROM_ZOOKEEPER,
                                begin,
                                begin + 9_500_000,
                                host,
                                host))
                .toList();
    }

    private static final class ByWallClock implements Defect {
        @Override
        public Surroundings around(Host host, Surroundings right) {
            return Replaced.in(
                    right,
                    Pace.class,
                    "now",
                    (same, arguments) -> same.now().plus(Duration.ofMillis(host.wallOffset())));
        }
    }

    /** How a commit goes wrong. */
    @FunctionalInterface
    private interface Wrong {
        void commit(Nodes right, List<Write> writes) throws Exception;
    }

    private static Surroundings commits(Surroundings right, Wrong wrong) {
        return Replaced.in(
                right,
                Nodes.class,
                "commit",
                (same, arguments) -> {
                    wrong.commit(same, writes(arguments[0]));
                    return null;
                });
    }

    @SuppressWarnings("unchecked")
    private static List<Write> writes(Object argument) {
        return (List<Write>) argument;
    }

    private static boolean isRenewal(List<Write> writes) {
        return writes.stream().anyMatch(write -> write.path().equals("renewal"));
    }

    private static void byRead(Nodes right, List<Write> writes) throws Exception {
        if (!isRenewal(writes)) {
            right.commit(writes);
        } else if (right.read(writes.getFirst().path()).isEmpty()) {
            throw KeeperException.create(KeeperException.Code.NONODE);
        }
    }

    private static void evenIfGone(Nodes right, List<Write> writes) throws Exception {
        try {
            right.commit(writes);
        } catch (KeeperException trouble) {
            if (!isRenewal(writes)) {
                throw trouble;
            }
        }
    }

    /** Once the authority was reached for, the session of then passes for the present one. */
    private static Surroundings anySession(Surroundings right) {
        long[] then = new long[1];
        Surroundings noting =
                Replaced.in(
                        right,
                        Nodes.class,
                        "isOfThisSession",
                        (same, arguments) -> {
                            String path = (String) arguments[0];
                            boolean isOurs = same.isOfThisSession(path);
                            then[0] = path.startsWith("latch/") ? same.session() : then[0];
                            return isOurs;
                        });
        return Replaced.in(
                noting,
                Nodes.class,
                "session",
                (same, arguments) -> then[0] == 0 ? same.session() : then[0]);
    }

    /** A latch that shows its last node though there is none any more. */
    private static Surroundings oldLatch(Surroundings right) {
        String[] last = new String[1];
        Nodes.Latch latch =
                Replaced.method(
                        Nodes.Latch.class,
                        right.nodes().latch(),
                        "path",
                        (same, arguments) -> {
                            same.path().ifPresent(path -> last[0] = path);
                            return Optional.ofNullable(last[0]);
                        });
        return Replaced.in(right, Nodes.class, "latch", (same, arguments) -> latch);
    }

    private static void withoutLatch(Nodes right, List<Write> writes) throws Exception {
        boolean isState = writes.stream().anyMatch(write -> write.path().equals("state"));
        right.commit(
                writes.stream()
                        .filter(write -> !isState || !(write instanceof Write.Check))
                        .map(DefectsOfAuthority::unversioned)
                        .toList());
    }

    private static void anyVersion(Nodes right, List<Write> writes) throws Exception {
        right.commit(writes.stream().map(DefectsOfAuthority::unversioned).toList());
    }

    private static Write unversioned(Write write) {
        return write instanceof Write.Replace replace
                ? new Write.Replace(replace.path(), replace.content(), -1)
                : write;
    }

    private static void again(Nodes right, List<Write> writes) throws Exception {
        try {
            right.commit(writes);
        } catch (KeeperException.ConnectionLossException
                | KeeperException.BadVersionException unknown) {
            for (Write write : writes) {
                if (write instanceof Write.Replace replace) {
                    right.set(replace.path(), replace.content());
                }
            }
        }
    }
}
