package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Data;
import io.matriarch.elector.situation.Situation;
import java.time.Duration;
import java.util.Optional;

/** What a member does while another one is primary. */
final class Following {

    /** How long a standby may be without a stream before it asks the archive. */
    private static final Duration STREAM_PATIENCE = Duration.ofSeconds(1);

    Decision decide(Situation now, ClusterView view, ClusterState state) {
        if (state.primary().equals(now.identity().name())) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_EXPIRY,
                            "epoch "
                                    + state.epoch()
                                    + " is held in this member's name, by another session"));
        }
        return switch (now.postgres()) {
            case OwnPostgres.Absent absent -> absent(state);
            case OwnPostgres.Unsealed unsealed ->
                    delta(state, "a delta restore of it has not come to its end");
            case OwnPostgres.Stopped stopped -> stopped(stopped.data(), state);
            case OwnPostgres.Standby standby -> standby(standby, now, view, state);
            case OwnPostgres.Starting starting ->
                    new Decision.Stay(Reason.of(Code.WAITING_FOR_POSTGRES, starting.inWords()));
            case OwnPostgres.Stopping stopping ->
                    new Decision.Stay(Reason.of(Code.WAITING_FOR_POSTGRES, "Postgres is stopping"));
            case OwnPostgres.Primary primary ->
                    throw new IllegalStateException("a primary without authority is stopped first");
            case OwnPostgres.Unusable unusable -> Decider.unusable(unusable);
            case OwnPostgres.Unclear unclear ->
                    new Decision.Hold(Reason.of(Code.SUPERVISOR_SILENT, unclear.why()));
        };
    }

    private static Decision absent(ClusterState state) {
        if (!state.isFollowed()) {
            return waitFor(state);
        }
        return new Decision.Clone(
                state.primary(),
                state.postgres(),
                Reason.of(Code.NO_DATA, "the data directory is empty"));
    }

    private static Decision stopped(Data data, ClusterState state) {
        return switch (data.repair()) {
            case REPLACE ->
                    state.isFollowed()
                            ? new Decision.Clone(
                                    state.primary(),
                                    state.postgres(),
                                    Reason.of(
                                            Code.HALF_DONE,
                                            "the data directory is not complete, or no other repair"
                                                    + " has helped"))
                            : waitFor(state);
            case DELTA ->
                    delta(
                            state,
                            "no rewind of it was possible or has helped, or an earlier repair did"
                                    + " not end");
            case REWIND -> rewind(state, "its log left the cluster's lineage, or it stood still");
            case NONE ->
                    mayHaveDiverged(data, state)
                            ? rewind(state, "it was the primary of epoch " + data.reign())
                            : new Decision.StartAsStandby(
                                    state.postgres(),
                                    Reason.of(Code.PRIMARY_MOVED, state.primary() + " is primary"));
        };
    }

    /** A former primary may go on as it is only if all it ever wrote lies before the switch. */
    private static boolean mayHaveDiverged(Data data, ClusterState state) {
        if (data.reign() == null) {
            return false;
        }
        boolean endsBeforeTheSwitch =
                data.isCleanlyShutDown()
                        && data.timeline().next().equals(state.lineage().timeline())
                        && !data.end().isAfter(state.lineage().switchedAt());
        return !endsBeforeTheSwitch;
    }

    /**
     * What it wrote as a primary may bear the number of the cluster's timeline, and the place; or,
     * if others have reigned since, that of one which the cluster's has left.
     */
    private static boolean mayHaveDiverged(OwnPostgres.Standby standby, ClusterState state) {
        Epoch reign = standby.reign();
        if (reign == null) {
            return false;
        }
        boolean isSucceededByAnother = state.epoch().isAfter(reign.next());
        return isSucceededByAnother
                || standby.history().timeline().compareTo(state.lineage().timeline()) >= 0;
    }

    private static Decision rewind(ClusterState state, String why) {
        if (!state.isFollowed()) {
            return waitFor(state);
        }
        return new Decision.Rewind(
                state.primary(), state.postgres(), Reason.of(Code.DIVERGED, why));
    }

    private static Decision delta(ClusterState state, String why) {
        if (!state.isFollowed()) {
            return waitFor(state);
        }
        return new Decision.Delta(
                state.primary(), state.postgres(), Reason.of(Code.HALF_DONE, why));
    }

    private static Decision standby(
            OwnPostgres.Standby standby, Situation now, ClusterView view, ClusterState state) {
        boolean isOfThisElection = state.epoch().equals(standby.reign());
        if (standby.isCatchingUp() && (isOfThisElection || !state.isFollowed())) {
            return Succession.stopReceiving(standby, state);
        }
        if (!state.isFollowed()) {
            // What a primary writes before it is ready may never become the cluster's.
            return waitFor(state);
        }
        if (isOfThisElection && isBeingSucceeded(view, state)) {
            // It was catching up until somebody stood: what it has is judged by who has won.
            return waitForSuccessor(state);
        }
        if (!state.lineage().isReachedBy(standby.history(), standby.status().written())
                || mayHaveDiverged(standby, state)) {
            return new Decision.Stop(
                    false,
                    true,
                    Reason.of(
                            Code.DIVERGED,
                            "its log ends at "
                                    + standby.status().written()
                                    + " of timeline "
                                    + standby.history().timeline()
                                    + ", off the lineage: timeline "
                                    + state.lineage().timeline()
                                    + " began at "
                                    + state.lineage().switchedAt()));
        }
        if (!state.postgres().equals(standby.following()) || standby.isCatchingUp()) {
            if (isBeingSucceeded(view, state)) {
                if (standby.isCatchingUp()) {
                    return Succession.stopReceiving(standby, state);
                }
                return waitForSuccessor(state);
            }
            return new Decision.Follow(
                    state.postgres(),
                    false,
                    Reason.of(Code.PRIMARY_MOVED, state.primary() + " is primary"));
        }
        if (!isBeingSucceeded(view, state)) {
            Optional<Decision> source = otherSource(standby, state);
            if (source.isPresent()) {
                return source.get();
            }
        }
        boolean isStalled = standby.stalledFor().compareTo(now.settings().patience().stall()) > 0;
        if (isStalled && isServing(view, state)) {
            return repairStanding(standby, state);
        }
        return new Decision.Stay(Reason.of(Code.STANDBY_IS_WELL, "standby of " + state.primary()));
    }

    private static Decision repairStanding(OwnPostgres.Standby standby, ClusterState state) {
        return new Decision.Stop(
                false,
                true,
                Reason.of(
                        Code.STALLED,
                        "it has not moved for "
                                + standby.stalledFor().toSeconds()
                                + " s although "
                                + state.primary()
                                + " is ready"));
    }

    /**
     * PostgreSQL asks the archive before it asks the primary, for each file that it looks for. So a
     * standby that streams has no archive: after a change of primary that would keep it away from
     * the new one for longer than all else. Who misses the stream is given the archive.
     */
    private static Optional<Decision> otherSource(OwnPostgres.Standby standby, ClusterState state) {
        boolean usesArchive = standby.status().usesArchive();
        boolean isStreaming =
                standby.isSurelyFollowing()
                        && standby.history().timeline().equals(state.lineage().timeline());
        if (usesArchive && isStreaming) {
            return Optional.of(
                    new Decision.Follow(
                            state.postgres(),
                            false,
                            Reason.of(
                                    Code.STREAM_IS_BACK,
                                    "it streams from "
                                            + state.primary()
                                            + ", and needs the archive no more")));
        }
        if (!usesArchive
                && !standby.status().isStreaming()
                && standby.stalledFor().compareTo(STREAM_PATIENCE) > 0) {
            return Optional.of(
                    new Decision.Follow(
                            state.postgres(),
                            true,
                            Reason.of(
                                    Code.STREAM_IS_MISSING,
                                    "it does not stream from "
                                            + state.primary()
                                            + ", and asks the archive")));
        }
        return Optional.empty();
    }

    /** A standby that stands still because its primary does is as good as any. */
    private static boolean isServing(ClusterView view, ClusterState state) {
        return view.member(state.primary())
                .map(m -> m.role() == MemberStatus.Role.PRIMARY)
                .orElse(false);
    }

    /**
     * The last primary does not reign any more, though its name still stands: somebody is first in
     * line for the authority and has not taken it yet, perhaps that very member, as a standby.
     * Whoever has voted for the next epoch must not receive anything meanwhile.
     */
    private static boolean isBeingSucceeded(ClusterView view, ClusterState state) {
        return !isServing(view, state)
                || (!view.latch().isEmpty() && !view.latch().getFirst().equals(state.primary()));
    }

    private static Decision waitForSuccessor(ClusterState state) {
        return new Decision.Stay(
                Reason.of(
                        Code.WAITING_FOR_PRIMARY,
                        state.primary() + " is named the primary, and does not serve"));
    }

    private static Decision waitFor(ClusterState state) {
        return new Decision.Stay(
                Reason.of(
                        Code.WAITING_FOR_PRIMARY,
                        "waiting for " + state.primary() + " to be ready (" + state.phase() + ")"));
    }
}
