package io.matriarch.elector.simulation;

import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.enactment.Pace;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Electors;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What can be wrong with failsafe: with a vow, with who must vow, and with what rests on it. */
final class DefectsOfVows {

    /** Longer than any question may take. */
    private static final Duration EVER = Duration.ofSeconds(6);

    private DefectsOfVows() {}

    static List<Planted> all() {
        Stream<Planted> anywhere =
                Stream.of(ofMembers(), ofPrimaries())
                        .flatMap(List::stream)
                        .map(planted -> planted.in(DefectsOfVows::withFailsafe));
        return Stream.concat(anywhere, Stream.of(ofElectorate())).toList();
    }

    private static List<Planted> ofMembers() {
        return List.of(
                new Planted(
                        "a member vouches while it stands itself",
                        answered((right, appeal, now) ->
                                right.grant(appeal, now) || right.isStanding())),
                new Planted(
                        "the authority is taken in spite of a vow",
                        answered((right, appeal, now) ->
                                !right.isStanding() && right.mayTakeFrom().isAfter(BootTime.ZERO))),
                new Planted(
                        "a vow is shorter than the lease that rests on it",
                        answered((right, appeal, now) ->
                                right.grant(appeal, new BootTime(now.millis() - 3_000)))),
                Planted.around(
                        "a member takes the authority right after its start",
                        DefectsOfVows::alwaysOld));
    }

    private static Planted ofElectorate() {
        return Planted.misjudged(
                        "a member believes that it is in the electorate",
                        DefectsOfVows::asIfInElectorate)
                .in(DefectsOfVows::withAReturn);
    }

    /**
     * A member is away until it has left the electorate, and back when the primary has lost
     * ZooKeeper.
     */
    private static Plan withAReturn(Plan plan) {
        long jitter = plan.seed() * 7_919 % 500_009;
        return plan.of(3, Mode.OFF)
                .withFailsafe()
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.SIDECAR_KILLED,
                                        2_500_000 + jitter,
                                        11_500_000,
                                        2,
                                        2),
                                new Fault(
                                        Fault.Kind.CUT_FROM_ZOOKEEPER,
                                        10_000_000 + jitter,
                                        25_000_000,
                                        0,
                                        0)));
    }

    private static List<Planted> ofPrimaries() {
        return List.of(
                new Planted("the lease counts from after the last vow", new FromAnswer()),
                Planted.around(
                        "a member that is silent is left out of account",
                        right ->
                                asking(
                                        right,
                                        (same, appeal, members, patience) ->
                                                allButOne(
                                                        same.vowTo(appeal, members, patience),
                                                        members))),
                Planted.around(
                        "a vow counts for the questions that come after, too",
                        DefectsOfVows::onceForAll));
    }

    /** Half of them lose ZooKeeper for long, and in all of them a sidecar may be away. */
    private static Plan withFailsafe(Plan plan) {
        if (plan.seed() % 2 == 0) {
            return plan;
        }
        long seed = plan.seed();
        int primary = 0;
        int other = (int) (1 + seed % (plan.members() - 1));
        long cut = 3_000_000 + seed * 7_919 % 2_000_003;
        long away = 2_000_000 + seed * 104_729 % 6_000_011;
        long back = away + 50_000 + seed * 15_485_863 % 7_000_003;
        return plan.withFailsafe()
                .with(
                        List.of(
                                new Fault(
                                        seed % 3 == 0
                                                ? Fault.Kind.ZOOKEEPER_DOWN
                                                : Fault.Kind.CUT_FROM_ZOOKEEPER,
                                        cut,
                                        cut + 9_000_000,
                                        primary,
                                        primary),
                                new Fault(
                                        seed % 5 == 0
                                                ? Fault.Kind.CUT_FROM_MEMBER
                                                : Fault.Kind.SIDECAR_KILLED,
                                        away,
                                        back,
                                        other,
                                        primary)));
    }

    /** How a member answers. */
    @FunctionalInterface
    private interface Answer {
        boolean grant(Vows right, Appeal appeal, BootTime now);
    }

    private static Defect answered(Answer answer) {
        return new Defect() {
            @Override
            public boolean grant(Vows right, Appeal appeal, BootTime now) {
                return answer.grant(right, appeal, now);
            }
        };
    }

    /** How a primary asks. */
    @FunctionalInterface
    private interface Asking {
        Set<MemberName> vowTo(
                Electors right, Appeal appeal, Set<MemberName> members, Duration patience)
                throws InterruptedException;
    }

    @SuppressWarnings("unchecked")
    private static Surroundings asking(Surroundings right, Asking asking) {
        return Replaced.in(
                right,
                Electors.class,
                "vowTo",
                (same, arguments) ->
                        asking.vowTo(
                                same,
                                (Appeal) arguments[0],
                                (Set<MemberName>) arguments[1],
                                (Duration) arguments[2]));
    }

    private static Set<MemberName> allButOne(Set<MemberName> vowed, Set<MemberName> members) {
        return vowed.size() + 1 >= members.size() ? members : vowed;
    }

    private static Surroundings onceForAll(Surroundings right) {
        Set<MemberName> ever = new HashSet<>();
        return asking(
                right,
                (same, appeal, members, patience) -> {
                    if (!ever.containsAll(members)) {
                        ever.addAll(same.vowTo(appeal, members, patience));
                    }
                    return Set.copyOf(ever);
                });
    }

    /** The first that a life asks its clock is when it began. */
    private static Surroundings alwaysOld(Surroundings right) {
        boolean[] isBegun = new boolean[1];
        return Replaced.in(
                right,
                Pace.class,
                "now",
                (same, arguments) -> {
                    BootTime now = same.now();
                    boolean isFirst = !isBegun[0];
                    isBegun[0] = true;
                    return isFirst ? BootTime.ZERO : now;
                });
    }

    private static Situation asIfInElectorate(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (view == null || state == null || state.electorate() == null || now.reign() != null) {
            return now;
        }
        TreeSet<MemberName> more = new TreeSet<>(state.electorate());
        more.add(now.identity().name());
        return DefectsOfElections.with(now, view, state.withElectorate(more));
    }

    /** Waits for every answer, and counts from when it is there. */
    private static final class FromAnswer implements Defect {

        private Duration length = Duration.ZERO;

        @Override
        public LeaseSettings lease(LeaseSettings right) {
            length = right.length();
            return right;
        }

        @Override
        public Surroundings around(Host host, Surroundings right) {
            boolean[] isByVows = new boolean[1];
            Surroundings patient =
                    asking(
                            right,
                            (same, appeal, members, patience) -> {
                                Set<MemberName> vowed = same.vowTo(appeal, members, EVER);
                                isByVows[0] = true;
                                return vowed;
                            });
            return Replaced.in(
                    patient,
                    ControlChannel.class,
                    "writeLease",
                    (same, arguments) -> {
                        LeaseRecord lease = (LeaseRecord) arguments[0];
                        boolean isLate = isByVows[0] && lease.mayBePrimary();
                        isByVows[0] = false;
                        same.writeLease(isLate ? late(lease, right.pace()) : lease);
                        return null;
                    });
        }

        private LeaseRecord late(LeaseRecord lease, Pace pace) {
            return new LeaseRecord(
                    lease.cluster(),
                    lease.system(),
                    lease.incarnation(),
                    lease.epoch(),
                    true,
                    pace.now().plus(length),
                    lease.sequence());
        }
    }
}
