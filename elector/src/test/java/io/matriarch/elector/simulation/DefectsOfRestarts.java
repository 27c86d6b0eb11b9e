package io.matriarch.elector.simulation;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ReplicationPeer;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a primary that is restarted in place. */
final class DefectsOfRestarts {

    private DefectsOfRestarts() {}

    static List<Planted> all() {
        return List.of(
                Planted.decided(
                                "clients are not held while a primary is restarted in place",
                                (now, right) ->
                                        right instanceof Decision.PublishRecovering
                                                        && now.postgres()
                                                                instanceof OwnPostgres.Stopped
                                                ? new Decision.StartAsPrimary(
                                                        Planted.because(right))
                                                : right)
                        .in(DefectsOfRestarts::alone),
                Planted.decided(
                                "clients are let in as soon as a restarted primary runs",
                                (now, right) ->
                                        right.reason().code() == Code.CLIENTS_ARE_HELD
                                                        && now.postgres()
                                                                instanceof OwnPostgres.Primary
                                                ? new Decision.PublishReady(Planted.because(right))
                                                : right)
                        .in(DefectsOfRestarts::alone),
                Planted.misjudged(
                                "what a restarted primary has alone is taken to begin at zero",
                                DefectsOfRestarts::fromZero)
                        .in(DefectsOfRestarts::withASlowStandby),
                Planted.misjudged(
                                "a restarted primary counts standbys outside of its set",
                                DefectsOfRestarts::anybody)
                        .in(DefectsOfRestarts::withAnOutsider),
                Planted.misjudged(
                                "the last primary lets others stand first after a cold start",
                                DefectsOfRestarts::asIfCrashed)
                        .in(Plan::ofBlackout),
                Planted.misjudged(
                                "nobody waits for the last primary after a cold start",
                                DefectsOfRestarts::asIfRunning)
                        .in(Plan::ofBlackout));
    }

    private static Situation asIfCrashed(Situation now) {
        return now.postgres() instanceof OwnPostgres.Stopped stopped
                        && stopped.cause() == OwnPostgres.Cause.NOT_STARTED
                ? seen(
                        now,
                        new OwnPostgres.Stopped(stopped.data(), OwnPostgres.Cause.CRASHED),
                        now.view())
                : now;
    }

    private static Situation asIfRunning(Situation now) {
        return now.postgres() instanceof OwnPostgres.Standby standby
                ? seen(
                        now,
                        new OwnPostgres.Standby(
                                standby.status(),
                                standby.history(),
                                standby.following(),
                                standby.stalledFor(),
                                standby.reign()),
                        now.view())
                : now;
    }

    /**
     * The standby's server ends and does not start; so does the primary's, which starts again in
     * place, with commits that it has alone; then it dies for good, and the standby is back.
     */
    private static Plan alone(Plan plan) {
        int primary = 0;
        long gone = 3_000_000 + plan.seed() * 7_919 % 1_000_003;
        long killed = gone + 200_000 + plan.seed() * 104_729 % 800_001;
        long death = killed + 700_000 + plan.seed() * 15_485_863 % 3_000_017;
        return twoOf(plan)
                .with(
                        List.of(
                                killed(gone, 1 - primary),
                                cannotStart(gone, death + 100_000, 1 - primary),
                                killed(killed, primary),
                                dead(death, primary)));
    }

    /** The same, but the standby comes back before, over a network that is slow. */
    private static Plan withASlowStandby(Plan plan) {
        int primary = 0;
        // The moment says how slow: each message takes 400 ms.
        long slow = 6_500_000 + plan.seed() * 7_919 % 90_001;
        long killed = slow - 100_000;
        long gone = killed - 200_000 - plan.seed() * 104_729 % 700_001;
        long back = killed + plan.seed() * 15_485_863 % 700_001;
        long death = killed + 300_000 + plan.seed() * 32_452_843 % 3_000_017;
        return twoOf(plan)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.SLOW_NETWORK,
                                        slow,
                                        death,
                                        1 - primary,
                                        1 - primary),
                                killed(gone, 1 - primary),
                                cannotStart(gone, back, 1 - primary),
                                killed(killed, primary),
                                dead(death, primary)));
    }

    /**
     * The set is one standby alone, for the other one was away. The first one's server ends, and
     * the primary's starts again in place; then the second one is back. ZooKeeper is slow, and the
     * moment after the primary dies for good, and the first one is back.
     */
    private static Plan withAnOutsider(Plan plan) {
        int primary = 0;
        int member = (primary + 1) % 3;
        int outsider = (primary + 2) % 3;
        long gone = 7_000_000 + plan.seed() * 7_919 % 400_009;
        long killed = gone + 200_000 + plan.seed() * 104_729 % 500_009;
        long back = killed - 300_000 + plan.seed() * 15_485_863 % 1_500_007;
        long death = back + 200_000 + plan.seed() * 32_452_843 % 2_500_009;
        return plan.of(3, Mode.STRICT)
                .under(LeaseSettings.of(Duration.ofSeconds(6), Duration.ofSeconds(2)))
                .with(
                        List.of(
                                killed(2_000_000, outsider),
                                cannotStart(2_000_000, back, outsider),
                                new Fault(
                                        Fault.Kind.ZOOKEEPER_SLOW,
                                        6_600_000 + 200_000,
                                        death,
                                        primary,
                                        primary),
                                killed(gone, member),
                                cannotStart(gone, death + 100_000, member),
                                killed(killed, primary),
                                dead(death, primary),
                                dead(death, outsider)));
    }

    private static Plan twoOf(Plan plan) {
        return plan.of(2, plan.seed() % 3 == 0 ? Mode.ON : Mode.STRICT)
                .under(LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500)));
    }

    private static Fault killed(long at, int host) {
        return new Fault(Fault.Kind.POSTGRES_KILLED, at, at, host, host);
    }

    private static Fault cannotStart(long from, long until, int host) {
        return new Fault(Fault.Kind.STARTS_FAIL, from, until, host, host);
    }

    private static Fault dead(long from, int host) {
        return new Fault(Fault.Kind.HOST_CRASHED, from, from + 16_000_000, host, host);
    }

    private static Situation fromZero(Situation now) {
        if (!(now.postgres() instanceof OwnPostgres.Primary primary)
                || primary.replication().recovered() == null) {
            return now;
        }
        OwnPostgres.Replication replication = primary.replication();
        return seen(
                now,
                new OwnPostgres.Primary(
                        primary.status(),
                        new OwnPostgres.Replication(
                                replication.attached(), replication.barrier(), Lsn.ZERO)),
                now.view());
    }

    /** While clients are held, whoever is connected passes for a member of the set. */
    private static Situation anybody(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        SynchronousSet set = state == null ? null : state.synchronous();
        if (!(now.postgres() instanceof OwnPostgres.Primary primary)
                || view == null
                || state == null
                || state.phase() != Phase.RECOVERING
                || set == null) {
            return now;
        }
        TreeSet<MemberName> all = new TreeSet<>(set.members());
        for (ReplicationPeer peer : primary.status().peers()) {
            all.add(new MemberName(peer.name()));
        }
        ClusterState wider =
                state.withSynchronous(set.isEmpty() ? set : SynchronousSet.any(set.quorum(), all));
        return seen(
                now,
                primary,
                new ClusterView(
                        wider,
                        view.stateVersion(),
                        view.members(),
                        view.ballots(),
                        view.latch(),
                        view.renewal()));
    }

    private static Situation seen(Situation now, OwnPostgres own, @Nullable ClusterView view) {
        return new Situation(
                now.now(),
                now.settings(),
                now.identity(),
                own,
                view,
                now.reign(),
                now.election(),
                now.handover(),
                now.requests(),
                now.vouching());
    }
}
