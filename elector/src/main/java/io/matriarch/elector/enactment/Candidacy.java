package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member's part in an election: its ballot, and since when. */
final class Candidacy {

    private static final Duration RECEIVER_PATIENCE = Duration.ofSeconds(3);
    private static final Duration RECEIVER_LOOK = Duration.ofMillis(10);

    /**
     * How long the startup process may take to read the configuration. Until then it may have
     * started a receiver, which shows only once it is connected.
     */
    private static final Duration RECOVERY_REACTION = Duration.ofMillis(50);

    private final Surroundings around;
    private final Membership membership;
    private final MemberName self;
    private final int priority;
    private final Vows vows;

    private @Nullable BootTime vacantSince;
    private @Nullable BootTime votedAt;
    private Epoch votedFor = Epoch.NONE;
    private long votedIn;

    Candidacy(
            Surroundings around, Membership membership, MemberName self, int priority, Vows vows) {
        this.around = around;
        this.membership = membership;
        this.self = self;
        this.priority = priority;
        this.vows = vows;
    }

    /**
     * How the election stands for this member; absent while the place of the primary is not vacant.
     *
     * @param reigns whether this member has won it
     */
    Situation.@Nullable Election look(BootTime now, ClusterView view, boolean reigns) {
        ClusterState state = view.state();
        if (state == null || !view.isVacant()) {
            if (state != null && state.phase() == Phase.READY && !reigns) {
                end();
            }
            votedAt = null;
            return null;
        }
        if (vacantSince == null) {
            vacantSince = now;
        }
        if (!votedFor.equals(state.epoch().next()) || isBallotGone()) {
            votedAt = null;
        }
        BootTime voted = votedAt;
        return new Situation.Election(vacantFor(now), voted == null ? null : now.since(voted));
    }

    /** It goes with its session, and whoever has lost one in mid-election must vote again. */
    private boolean isBallotGone() {
        try {
            return votedAt != null && membership.session() != votedIn;
        } catch (ClusterException unreachable) {
            return false;
        }
    }

    /** How long the place was, or has been, vacant, as far as this member has seen. */
    Duration vacantFor(BootTime now) {
        BootTime since = vacantSince;
        return since == null ? Duration.ZERO : now.since(since);
    }

    /** There is no election for who vouches for the primary. */
    void rest() {
        vacantSince = null;
        votedAt = null;
    }

    /** The place is taken, and that has been told. */
    void end() {
        vacantSince = null;
    }

    /**
     * Votes for the member itself: the position is read only after the receiver is gone, so that it
     * cannot grow any more.
     *
     * @param state of the place that is vacant
     * @param expected the synchronous set that this standby is configured with
     */
    void vote(Epoch epoch, ClusterState state, SynchronousSet expected)
            throws InterruptedException {
        if (!vows.beginVoting(epoch, around.pace().now())) {
            return;
        }
        around.files().configure(OwnFiles.Role.standing(expected));
        around.server().reload();
        Optional<ServerStatus> last = awaitFinalPosition(state);
        if (last.isEmpty()) {
            return;
        }
        votedIn = membership.session();
        membership.vote(
                new Ballot(self, epoch, last.get().timeline(), position(last.get()), priority));
        votedFor = epoch;
        // Not before the others could see it: whoever is better placed has its turn from then on.
        votedAt = around.pace().now();
    }

    /** After a clean shutdown nothing more is to come, whatever the receiver does. */
    private Optional<ServerStatus> awaitFinalPosition(ClusterState state)
            throws InterruptedException {
        ServerStatus now = around.server().status();
        return state.isAllOfTheLog(now.timeline(), position(now))
                ? Optional.of(now)
                : awaitReceiverGone();
    }

    private Optional<ServerStatus> awaitReceiverGone() throws InterruptedException {
        BootTime deadline = around.pace().now().plus(RECEIVER_PATIENCE);
        Lsn before = null;
        while (!around.pace().now().hasReached(deadline)) {
            ServerStatus status = around.server().status();
            boolean isGone = status.receiver().isEmpty() && status.primaryConnInfo().isEmpty();
            Lsn end = position(status);
            if (isGone && end.equals(before)) {
                return Optional.of(status);
            }
            before = isGone ? end : null;
            around.pace().pause(isGone ? RECOVERY_REACTION : RECEIVER_LOOK);
        }
        return Optional.empty();
    }

    private static Lsn position(ServerStatus status) {
        return Lsn.max(status.written(), status.replayed());
    }
}
