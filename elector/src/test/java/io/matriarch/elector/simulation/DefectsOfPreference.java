package io.matriarch.elector.simulation;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason;
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
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ServerStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be wrong when the healthiest gives way to a preferred member. */
final class DefectsOfPreference {

    private DefectsOfPreference() {}

    static List<Planted> all() {
        return List.of(
                new Planted(
                                "who has caught up votes while it still receives",
                                new StillCatchingUp())
                        .in(DefectsOfPreference::theSourceIsOutOfReach),
                new Planted(
                                "who catches up votes with what it wants to have",
                                new WishfulPosition())
                        .in(Plan::ofPreferredThatLags),
                Planted.decided(
                                "who is preferred is waited for as long as it takes",
                                DefectsOfPreference::endless)
                        .in(DefectsOfPreference::theSourceIsOutOfReach),
                Planted.decided(
                                "who is preferred stands with less than others have",
                                DefectsOfPreference::standing)
                        .in(Plan::ofPreferredThatLags));
    }

    /** The preferred lags, and cannot reach the healthiest for long enough to be too late. */
    private static Plan theSourceIsOutOfReach(Plan plan) {
        Plan lagging = plan.ofPreferredThatLags();
        Fault lag = lagging.faults().getFirst();
        Fault death = lagging.faults().getLast();
        int healthiest = 3 - lag.host() - death.host();
        long reach = death.begin() + plan.seed() * 15_485_863 % 9_000_011;
        List<Fault> faults = new ArrayList<>(lagging.faults());
        faults.add(
                new Fault(
                        Fault.Kind.CUT_FROM_MEMBER, death.begin(), reach, lag.host(), healthiest));
        return lagging.with(faults);
    }

    private static Decision standing(Situation now, Decision right) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (!(right instanceof Decision.CatchUp) || view == null || state == null) {
            return right;
        }
        return new Decision.Stand(
                state,
                view.stateVersion(),
                view.ballots().stream()
                        .filter(ballot -> ballot.epoch().equals(state.epoch().next()))
                        .toList(),
                state.synchronous(),
                state.synchronous(),
                Planted.because(right));
    }

    /** It goes on to wait where it would have waited before, whoever has tried in vain. */
    private static Decision endless(Situation now, Decision right) {
        ClusterView view = now.view();
        Situation.Election election = now.election();
        if (!(right instanceof Decision.Stand) || view == null || election == null) {
            return right;
        }
        boolean hasTried =
                view.ballots().stream()
                        .anyMatch(ballot ->
                                ballot.caughtUpWith() != null
                                        && ballot.caughtUpWith().equals(now.identity().name())
                                        && isPreferred(ballot, now));
        return hasTried
                ? new Decision.Stay(
                        new Reason(Code.GIVING_WAY, "planted: " + right.reason().detail()))
                : right;
    }

    private static boolean isPreferred(Ballot ballot, Situation now) {
        return ballot.priority() > now.settings().priority();
    }

    /** The receiver goes on, and is not shown. */
    private static final class StillCatchingUp implements Defect {

        @Override
        public Surroundings around(Host host, Surroundings right) {
            OwnFiles.@Nullable Role[] kept = {null};
            boolean[] isHidden = {false};
            Surroundings going =
                    Replaced.in(
                            right,
                            OwnFiles.class,
                            "configure",
                            (same, arguments) -> {
                                OwnFiles.Role role = (OwnFiles.Role) arguments[0];
                                boolean isStanding =
                                        role.following() == null && !role.usesArchive();
                                boolean isCatchingUp =
                                        role.following() != null && !role.usesArchive();
                                OwnFiles.Role before = kept[0];
                                isHidden[0] = isStanding && before != null;
                                kept[0] = isCatchingUp || isHidden[0] ? kept[0] : null;
                                if (isCatchingUp) {
                                    kept[0] = role;
                                }
                                same.configure(isHidden[0] && before != null ? before : role);
                                return null;
                            });
            return Replaced.in(
                    going,
                    OwnServer.class,
                    "status",
                    (same, arguments) ->
                            isHidden[0] ? DefectsOfElections.silent(same.status()) : same.status());
        }
    }

    /** What is to be fetched counts as fetched. */
    private static final class WishfulPosition implements Defect {

        private final Map<Host, Lsn> wishes = new HashMap<>();

        @Override
        public Function<Situation, Decision> decider(
                Host host, Function<Situation, Decision> right) {
            return now -> {
                Decision decision = right.apply(now);
                if (decision instanceof Decision.CatchUp catchUp) {
                    wishes.put(host, catchUp.target());
                } else if (!(decision instanceof Decision.Vote)) {
                    wishes.remove(host);
                }
                return decision;
            };
        }

        @Override
        public Surroundings around(Host host, Surroundings right) {
            return Replaced.in(
                    right,
                    OwnServer.class,
                    "status",
                    (same, arguments) -> {
                        ServerStatus status = same.status();
                        Lsn wish = wishes.get(host);
                        return wish == null ? status : at(wish, status);
                    });
        }

        private static ServerStatus at(Lsn wish, ServerStatus status) {
            return new ServerStatus(
                    status.systemIdentifier(),
                    status.version(),
                    status.isInRecovery(),
                    status.timeline(),
                    Lsn.max(wish, status.written()),
                    status.isEndKnown(),
                    status.replayed(),
                    status.lagMillis(),
                    status.receiver(),
                    status.source(),
                    status.synchronousStandbyNames(),
                    status.peers());
        }
    }
}
