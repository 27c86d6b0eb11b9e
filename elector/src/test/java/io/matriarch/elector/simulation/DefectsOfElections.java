package io.matriarch.elector.simulation;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.cluster.Nodes.Write;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.model.Defect;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be wrong with votes, ranks and the synchronous set. */
final class DefectsOfElections {

    private DefectsOfElections() {}

    static List<Planted> all() {
        return Stream.of(ofVotes(), ofSets()).flatMap(List::stream).toList();
    }

    private static List<Planted> ofVotes() {
        return List.of(
                new Planted("a vote does not stop the receiver", new StillReceiving()),
                Planted.around(
                        "a ballot is not withdrawn, and may be gone when it is counted",
                        DefectsOfElections::withoutCare),
                Planted.around(
                        "nobody asks whether a ballot is out before WAL comes again",
                        DefectsOfElections::forgetful),
                Planted.misjudged(
                        "one vote of the synchronous set is enough",
                        now ->
                                withSet(
                                        now,
                                        set ->
                                                SynchronousSet.any(
                                                        set.members().size(), set.members()))),
                Planted.misjudged(
                                "votes from outside of the synchronous set count",
                                now -> withSet(now, set -> widened(now, set)))
                        .in(DefectsOfElections::onlyAnOutsiderIsLeft),
                Planted.decided(
                        "whoever has voted stands, whatever its rank",
                        DefectsOfElections::outOfTurn),
                Planted.misjudged(
                        "whatever a primary told of its log, anybody may succeed it",
                        DefectsOfElections::withoutRenewal),
                Planted.decided(
                        "the last primary is followed while another takes over",
                        (now, right) ->
                                right.reason().code() == Code.WAITING_FOR_PRIMARY
                                                && now.postgres() instanceof OwnPostgres.Standby
                                        ? new Decision.Follow(
                                                state(now).postgres(),
                                                false,
                                                Planted.because(right))
                                        : right),
                Planted.decided(
                        "after a crash the last checkpoint passes for the end of the log",
                        (now, right) ->
                                right instanceof Decision.Release release
                                                && now.postgres()
                                                        instanceof OwnPostgres.Stopped stopped
                                        ? new Decision.Release(
                                                new Vacancy(
                                                        stopped.data().end(),
                                                        release.vacancy().successor(),
                                                        "planted"),
                                                Planted.because(right))
                                        : right));
    }

    private static List<Planted> ofSets() {
        return List.of(
                Planted.decided(
                                "the record is narrowed before the standbys have everything",
                                (now, right) ->
                                        right.reason().code()
                                                        == Code.WAITING_FOR_SYNCHRONOUS_STANDBYS
                                                ? new Decision.PublishSynchronous(
                                                        enforced(now), Planted.because(right))
                                                : right)
                        .in(DefectsOfElections::aDeafStandbyIsLeft),
                Planted.decided(
                                "Postgres gives a set up before the record does",
                                (now, right) ->
                                        right instanceof Decision.PublishSynchronous publish
                                                        && publish.set() != null
                                                        && publish.set().isEmpty()
                                                        && !enforced(now).isEmpty()
                                                ? new Decision.EnforceSynchronous(
                                                        SynchronousSet.NONE, Planted.because(right))
                                                : right)
                        .in(DefectsOfElections::theRecordCannotBeWritten),
                Planted.around(
                                "a new primary hears of its synchronous set once it is one",
                                DefectsOfElections::toldLate)
                        .in(DefectsOfElections::aNewPrimaryDies));
    }

    /**
     * A standby has confirmed alone, and is gone; the other one hears nothing; then the primary
     * dies.
     */
    private static Plan aDeafStandbyIsLeft(Plan plan) {
        int primary = (int) (plan.seed() % 3);
        int deaf = (primary + 1) % 3;
        int gone = (primary + 2) % 3;
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        return plan.of(3, Mode.ON)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.DEAF_TO_MEMBER,
                                        begin,
                                        begin + 9_000_000,
                                        deaf,
                                        primary),
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        begin + 600_000,
                                        begin + 9_000_000,
                                        gone,
                                        gone),
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        begin + 3_600_000,
                                        begin + 9_000_000,
                                        primary,
                                        primary)));
    }

    /** A standby hears nothing and leaves the set; then the primary dies, and the set with it. */
    private static Plan onlyAnOutsiderIsLeft(Plan plan) {
        int primary = (int) (plan.seed() % 3);
        int deaf = (primary + 1) % 3;
        int confirming = (primary + 2) % 3;
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        long death = begin + 3_600_000;
        long end = begin + 12_000_000;
        return plan.of(3, Mode.ON)
                .with(
                        List.of(
                                new Fault(Fault.Kind.DEAF_TO_MEMBER, begin, end, deaf, primary),
                                new Fault(Fault.Kind.HOST_CRASHED, death, end, primary, primary),
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        death,
                                        end,
                                        confirming,
                                        confirming)));
    }

    /**
     * The last primary succeeds itself, for its standby's sidecar was frozen; it cannot reach that,
     * and dies again before its own sidecar, frozen in turn, has said that it is ready.
     */
    private static Plan aNewPrimaryDies(Plan plan) {
        int primary = (int) (plan.seed() % 2);
        long death = 6_500_000 + plan.seed() * 7_919 % 1_000_003;
        long awake = death + 2_900_000 + plan.seed() * 104_729 % 700_001;
        long again = awake + 250_000 + plan.seed() * 15_485_863 % 700_001;
        return plan.of(2, Mode.ON)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.SIDECAR_FROZEN,
                                        death - 100_000,
                                        awake,
                                        1 - primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.POSTGRES_KILLED, death, death, primary, primary),
                                new Fault(
                                        Fault.Kind.CUT_FROM_MEMBER,
                                        death,
                                        again + 6_000_000,
                                        primary,
                                        1 - primary),
                                new Fault(
                                        Fault.Kind.SIDECAR_FROZEN,
                                        again - 300_000,
                                        again,
                                        primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        again,
                                        again + 6_000_000,
                                        primary,
                                        primary)));
    }

    /** Of two members the standby is gone for a while, and the primary cannot write that down. */
    private static Plan theRecordCannotBeWritten(Plan plan) {
        int primary = (int) (plan.seed() % 2);
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        return plan.of(2, Mode.ON)
                .under(LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500)))
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        begin,
                                        begin + 6_000_000,
                                        1 - primary,
                                        1 - primary),
                                new Fault(
                                        Fault.Kind.CUT_FROM_ZOOKEEPER,
                                        begin + 600_000,
                                        begin + 9_500_000,
                                        primary,
                                        primary)));
    }

    private static ClusterState state(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (state == null) {
            throw new IllegalStateException("no cluster");
        }
        return state;
    }

    private static SynchronousSet enforced(Situation now) {
        return now.postgres() instanceof OwnPostgres.Primary primary
                ? SynchronousSet.parseSetting(primary.status().synchronousStandbyNames())
                        .orElse(SynchronousSet.NONE)
                : SynchronousSet.NONE;
    }

    private static Situation withSet(Situation now, UnaryOperator<SynchronousSet> change) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        boolean isElection = view != null && view.isVacant() && now.reign() == null;
        SynchronousSet set = state == null ? null : state.synchronous();
        if (!isElection || view == null || state == null || set == null || set.isEmpty()) {
            return now;
        }
        return with(now, view, state.withSynchronous(change.apply(set)));
    }

    static Situation with(Situation now, ClusterView view, @Nullable ClusterState state) {
        return new Situation(
                now.now(),
                now.settings(),
                now.identity(),
                now.postgres(),
                new ClusterView(
                        state,
                        view.stateVersion(),
                        view.members(),
                        view.ballots(),
                        view.latch(),
                        view.renewal()),
                now.reign(),
                now.election(),
                now.handover(),
                now.requests(),
                now.vouching());
    }

    private static Situation withoutRenewal(Situation now) {
        ClusterView view = now.view();
        return view == null
                ? now
                : with(
                        now,
                        new ClusterView(
                                view.state(),
                                view.stateVersion(),
                                view.members(),
                                view.ballots(),
                                view.latch(),
                                null),
                        view.state());
    }

    private static SynchronousSet widened(Situation now, SynchronousSet set) {
        TreeSet<MemberName> all = new TreeSet<>(set.members());
        ClusterView view = now.view();
        if (view != null) {
            view.ballots().stream().map(Ballot::member).forEach(all::add);
        }
        return SynchronousSet.any(set.quorum() + all.size() - set.members().size(), all);
    }

    private static Decision outOfTurn(Situation now, Decision right) {
        ClusterView view = now.view();
        if (right.reason().code() != Code.WAITING_FOR_TURN || view == null) {
            return right;
        }
        ClusterState state = state(now);
        return new Decision.Stand(
                state,
                view.stateVersion(),
                view.ballots().stream()
                        .filter(b -> b.epoch().equals(state.epoch().next()))
                        .toList(),
                state.synchronous(),
                state.synchronous(),
                Planted.because(right));
    }

    private static Surroundings forgetful(Surroundings right) {
        return Replaced.in(
                right,
                Nodes.class,
                "children",
                (same, arguments) ->
                        arguments[0].equals("ballots")
                                ? List.of()
                                : same.children((String) arguments[0]));
    }

    private static Surroundings withoutCare(Surroundings right) {
        Surroundings keeping =
                Replaced.in(
                        right,
                        Nodes.class,
                        "delete",
                        (same, arguments) -> {
                            String path = (String) arguments[0];
                            if (!path.startsWith("ballots/")) {
                                same.delete(path);
                            }
                            return null;
                        });
        return Replaced.in(
                keeping,
                Nodes.class,
                "commit",
                (same, arguments) -> {
                    same.commit(withoutBallots(arguments[0]));
                    return null;
                });
    }

    private static List<Write> withoutBallots(Object writes) {
        return ((List<?>) writes)
                .stream()
                        .map(Write.class::cast)
                        .filter(write -> !write.path().startsWith("ballots/"))
                        .toList();
    }

    /** Whoever is no primary yet is told of no set. */
    private static Surroundings toldLate(Surroundings right) {
        return Replaced.in(
                right,
                OwnFiles.class,
                "configure",
                (same, arguments) -> {
                    OwnFiles.Role role = (OwnFiles.Role) arguments[0];
                    same.configure(
                            isPrimary(role)
                                    ? role
                                    : new OwnFiles.Role(
                                            role.following(),
                                            role.usesArchive(),
                                            SynchronousSet.NONE));
                    return null;
                });
    }

    private static boolean isPrimary(OwnFiles.Role role) {
        return role.following() == null && role.usesArchive();
    }

    private static final class StillReceiving implements Defect {

        @Override
        public Surroundings around(Host host, Surroundings right) {
            boolean[] isStanding = {false};
            OwnFiles.Role[] last = {new OwnFiles.Role(null, true, SynchronousSet.NONE)};
            Surroundings unstopped =
                    Replaced.in(
                            right,
                            OwnFiles.class,
                            "configure",
                            (same, arguments) -> {
                                OwnFiles.Role role = (OwnFiles.Role) arguments[0];
                                isStanding[0] = role.following() == null && !role.usesArchive();
                                if (!isStanding[0]) {
                                    last[0] = role;
                                }
                                same.configure(
                                        isStanding[0]
                                                ? new OwnFiles.Role(
                                                        last[0].following(),
                                                        true,
                                                        role.synchronous())
                                                : role);
                                return null;
                            });
            return Replaced.in(
                    unstopped,
                    OwnServer.class,
                    "status",
                    (same, arguments) -> isStanding[0] ? silent(same.status()) : same.status());
        }
    }

    /** A server that does not tell of its receiver. */
    static ServerStatus silent(ServerStatus status) {
        return new ServerStatus(
                status.systemIdentifier(),
                status.version(),
                status.isInRecovery(),
                status.timeline(),
                status.written(),
                status.isEndKnown(),
                status.replayed(),
                status.lagMillis(),
                Optional.empty(),
                new ServerStatus.Source("", status.usesArchive()),
                status.synchronousStandbyNames(),
                status.peers());
    }
}
