package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
    private final Ways settings;
    private final Vows vows;

    private @Nullable BootTime vacantSince;
    private @Nullable BootTime votedAt;
    private BootTime lastVotedAt = BootTime.ZERO;
    private Epoch votedFor = Epoch.NONE;
    private long votedIn;

    /**
     * For which epoch a ballot of this life may be out, be it that it was never answered, or has
     * only been announced to the vows.
     */
    private Epoch mayHaveVotedFor = Epoch.NONE;

    /** Whether a ballot of an earlier life may be out. */
    private boolean isHeir = true;

    private boolean hasCaughtUp;
    private final Map<MemberName, BootTime> knownSince = new HashMap<>();
    private Epoch knownOf = Epoch.NONE;

    /** What its ballots say of the member, besides where it stands. */
    record Ways(int priority, Ballot.Concession concession, long mostLoss) {}

    Candidacy(
            Surroundings around, Membership membership, MemberName self, Ways settings, Vows vows) {
        this.around = around;
        this.membership = membership;
        this.self = self;
        this.settings = settings;
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
        return new Situation.Election(
                vacantFor(now),
                voted == null ? null : now.since(voted),
                voted == null ? null : now.since(lastVotedAt),
                knownBallots(now, view, state.epoch().next()));
    }

    /** Since a first ballot: who takes it back and votes again is not waited for anew. */
    private Map<MemberName, Duration> knownBallots(BootTime now, ClusterView view, Epoch epoch) {
        if (!knownOf.equals(epoch)) {
            knownSince.clear();
            knownOf = epoch;
        }
        view.ballots().stream()
                .filter(ballot -> ballot.epoch().equals(epoch) && !ballot.member().equals(self))
                .forEach(ballot -> knownSince.putIfAbsent(ballot.member(), now));
        Map<MemberName, Duration> known = new HashMap<>();
        knownSince.forEach((member, since) -> known.put(member, now.since(since)));
        return known;
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
     * cannot grow any more. Who has caught up, and voted before, has been voting since then.
     *
     * @param state of the place that is vacant
     * @param expected the synchronous set that this standby is configured with
     */
    void vote(Decision.Vote vote, ClusterState state, SynchronousSet expected)
            throws InterruptedException {
        if (!vows.beginVoting(vote.epoch(), around.pace().now())) {
            return;
        }
        mayHaveVotedFor = vote.epoch();
        Optional<ServerStatus> last = stopReceiving(state, expected);
        if (last.isEmpty()) {
            return;
        }
        long session = membership.session();
        Ballot ballot =
                new Ballot(
                        self,
                        vote.epoch(),
                        last.get().timeline(),
                        position(last.get()),
                        settings.priority(),
                        settings.concession().isNone() ? null : settings.concession(),
                        vote.caughtUpWith(),
                        settings.mostLoss(),
                        last.get().replayed());
        boolean isAgain = votedAt != null && votedFor.equals(vote.epoch());
        if (isAgain) {
            membership.voteAgain(ballot);
        } else {
            membership.vote(ballot);
        }
        votedIn = session;
        hasCaughtUp = vote.caughtUpWith() != null;
        votedFor = vote.epoch();
        // Not before the others could see it: whoever is better placed has its turn from then on.
        lastVotedAt = around.pace().now();
        votedAt = isAgain ? votedAt : lastVotedAt;
    }

    /**
     * Receives from a standby that has voted, too: what comes from there is no commit that this one
     * could acknowledge to a primary, so the ballot that is out stays true.
     *
     * <p>After a kill: the mark is there before anything is received, and goes when the receiver is
     * proven gone and has not followed its source into a timeline of its own. Until then this
     * directory is taken for one that may have what the cluster has not. A new life votes, and
     * stops the receiver by that.
     */
    void catchUp(Decision.CatchUp catchUp, ClusterState state, SynchronousSet expected) {
        if (hasCaughtUp && votedAt != null) {
            // Its new ballot is not in the view yet.
            return;
        }
        boolean isFollowing =
                catchUp.from()
                        .equals(OwnFiles.Role.followed(around.server().status().primaryConnInfo()));
        if (isFollowing) {
            return;
        }
        around.marks().noteReign(state.epoch(), state.lineage().timeline());
        around.files().configure(OwnFiles.Role.streaming(catchUp.from(), expected));
        around.server().reload();
    }

    /**
     * Streams from nobody any more.
     *
     * @return how it stands then; empty if the receiver is not gone yet
     */
    Optional<ServerStatus> stopReceiving(ClusterState state, SynchronousSet expected)
            throws InterruptedException {
        boolean isCatchingUp =
                around.marks().reign().isPresent()
                        && !around.server().status().primaryConnInfo().isEmpty();
        around.files().configure(OwnFiles.Role.standing(expected));
        around.server().reload();
        if (!isCatchingUp) {
            return awaitFinalPosition(state);
        }
        Optional<ServerStatus> last = awaitReceiverGone();
        last.filter(this::isOnToldTimeline).ifPresent(sound -> around.marks().noteStandby());
        return last;
    }

    /** Whoever has promoted meanwhile would have shown at least its history. */
    private boolean isOnToldTimeline(ServerStatus status) {
        TimelineId told = around.marks().toldTimeline().orElse(status.timeline());
        return status.timeline().compareTo(told) <= 0
                && around.files().history(told.next()).isEmpty();
    }

    /**
     * Before more WAL may come: a ballot names a position that does not grow, so it is withdrawn,
     * unless none can be out: then nobody need be asked, and ZooKeeper may be away. And what is
     * going to follow this primary was judged to lie on its line, so the mark of an earlier reign,
     * which says that it may not, is void.
     */
    void receiveAgain(@Nullable Endpoint primary, ClusterState state) {
        if (primary == null) {
            return;
        }
        if (mayBallotBeOut(state)) {
            withdraw(state);
        }
        if (around.marks().reign().isPresent()) {
            around.marks().noteStandby();
        }
    }

    /** One for an epoch that has begun is void: the record never goes back to before it. */
    private boolean mayBallotBeOut(ClusterState state) {
        return isHeir || mayHaveVotedFor.isAfter(state.epoch());
    }

    /**
     * A standby that is seen to follow a primary has no ballot out, whichever life voted: it is
     * configured without a primary before it votes, and with one again only after it has withdrawn.
     * One that catches up with another standby has voted, too.
     */
    void sawPostgres(OwnPostgres postgres) {
        if (postgres instanceof OwnPostgres.Standby standby
                && standby.following() != null
                && !standby.isCatchingUp()) {
            isHeir = false;
        }
    }

    /** Takes back what this member has voted for the place after {@code state}. */
    void withdraw(ClusterState state) {
        membership.withdrawBallots(state.epoch());
        isHeir = false;
        mayHaveVotedFor = Epoch.NONE;
        vows.ballotWithdrawn();
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
            boolean isGone =
                    status.receiver().isEmpty()
                            && status.primaryConnInfo().isEmpty()
                            && status.isEndKnown();
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
