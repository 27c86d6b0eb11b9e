package io.matriarch.elector.simulation;

import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.simulation.model.Branch;
import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who becomes primary lies on the cluster's own line of history, has the most of those that voted
 * in time, or is a planned successor with the whole log, and a ballot names a position that does
 * not grow any more by what a primary writes; the ballot of one that has caught up with another
 * standby not by that either.
 */
final class OnlyTheHealthiest implements Witness {

    /** After this a better placed candidate has had its turn, with some slack for clocks. */
    private static final long TURN =
            Patience.DEFAULT.turn().toMillis() * VirtualTime.MILLIS * 98 / 100;

    private record Cast(Ballot ballot, long at) {}

    private final World world;
    private final Map<MemberName, Cast> votes = new HashMap<>();
    private @Nullable Branch committed;

    OnlyTheHealthiest(World world) {
        this.world = world;
    }

    @Override
    public void onBallot(Ballot ballot) {
        votes.put(ballot.member(), new Cast(ballot, world.time().now()));
        checkPosition(ballot);
    }

    @Override
    public void onReceived(Host host, boolean fromPrimary) {
        Cast cast = votes.get(host.name());
        if (cast != null && (fromPrimary || cast.ballot().caughtUpWith() != null)) {
            checkPosition(cast.ballot());
        }
    }

    private void checkPosition(Ballot ballot) {
        ClusterState state = world.state();
        Data data = world.host(ballot.member().value()).disk().data();
        boolean counts =
                state != null
                        && state.epoch().next().equals(ballot.epoch())
                        && world.ensemble().exists(pathOf(ballot));
        if (counts && data != null && data.end() != ballot.received().value()) {
            throw new Violation(
                    "only the healthiest",
                    "%s has voted for epoch %s with %s, and has %s"
                            .formatted(ballot.member(), ballot.epoch(), ballot.received(), data));
        }
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        if (before != null
                && after.phase() == Phase.PROMOTING
                && after.epoch().isAfter(before.epoch())) {
            checkRank(before, after);
        }
        if (after.phase() == Phase.READY) {
            Data data = world.host(after.primary().value()).disk().data();
            committed = data == null ? committed : data.branch();
        }
    }

    private void checkRank(ClusterState before, ClusterState after) {
        Cast winner = votes.get(after.primary());
        if (winner == null || !winner.ballot().epoch().equals(after.epoch())) {
            if (isPlannedSuccessor(before, after.primary())) {
                return;
            }
            throw new Violation(
                    "only the healthiest",
                    after.primary() + " took epoch " + after.epoch() + " without a ballot");
        }
        long waited = world.time().now() - winner.at();
        if (waited >= TURN) {
            return;
        }
        for (Ballot other : known(after.primary())) {
            boolean counts =
                    other.epoch().equals(after.epoch()) && world.ensemble().exists(pathOf(other));
            if (counts && isBetter(other, winner.ballot())) {
                throw new Violation(
                        "only the healthiest",
                        "%s took epoch %s although %s has more"
                                .formatted(after.primary(), after.epoch(), other));
            }
        }
    }

    /** Nobody can have more than the whole log, wherever it is said to end. */
    private boolean isPlannedSuccessor(ClusterState before, MemberName member) {
        Vacancy vacancy = before.vacancy();
        Data data = world.host(member.value()).disk().data();
        return vacancy != null
                && data != null
                && member.equals(vacancy.successor())
                && before.isAllOfTheLog(data.branch().timeline(), new Lsn(data.end()));
    }

    /** The ballots that a member knew of when it stood. */
    private List<Ballot> known(MemberName member) {
        MemberCycle cycle = world.host(member.value()).sidecar().cycle();
        Situation situation = cycle == null ? null : cycle.outlook().situation();
        ClusterView view = situation == null ? null : situation.view();
        return view == null ? List.of() : view.ballots();
    }

    private static String pathOf(Ballot ballot) {
        return "ballots/%s/%s@%016X"
                .formatted(ballot.epoch(), ballot.member(), ballot.received().value());
    }

    private static boolean isBetter(Ballot one, Ballot other) {
        int byTimeline = one.timeline().compareTo(other.timeline());
        return byTimeline > 0 || (byTimeline == 0 && one.received().isAfter(other.received()));
    }

    @Override
    public void onWritable(Host host, @Nullable Branch from) {
        Branch line = committed;
        Data data = host.disk().data();
        ClusterState state = world.state();
        // Who was frozen in mid-promotion is stopped as soon as its supervisor looks.
        boolean isLate = state != null && state.epoch().value() > host.postgres().epoch();
        if (line == null || data == null || isLate) {
            return;
        }
        Branch own = data.branch();
        boolean isOnLine =
                own.sharedWith(line) >= 0
                        || own.isForkOf(line)
                        || Branch.fork(own, data.end(), line, Long.MAX_VALUE) == data.end();
        if (!isOnLine) {
            throw new Violation(
                    "only the healthiest",
                    host + " takes writes off the cluster's line of history");
        }
    }
}
