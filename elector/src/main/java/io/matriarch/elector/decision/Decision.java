package io.matriarch.elector.decision;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The next step of a member, one per cycle. Each can be carried out again without harm, and is
 * decided anew after a crash between any two steps.
 */
public sealed interface Decision {

    Reason reason();

    /** Nothing to do now. */
    record Stay(Reason reason) implements Decision {}

    /** Nothing can be done safely until something else changes; people should know. */
    record Hold(Reason reason) implements Decision {}

    /** Claim a cluster that does not exist yet, or whose first owner died in the attempt. */
    record Bootstrap(Reason reason) implements Decision {}

    /** Run initdb under the authority just taken. */
    record Initialise(Reason reason) implements Decision {}

    /**
     * @param primary whom to stream from; absent if there is nobody yet
     */
    record StartAsStandby(@Nullable Endpoint primary, Reason reason) implements Decision {}

    /** Start again in place, under the authority held. */
    record StartAsPrimary(Reason reason) implements Decision {}

    /**
     * Point the running standby at this primary.
     *
     * @param usesArchive whether WAL that does not come by the stream is fetched from the archive
     */
    record Follow(Endpoint primary, boolean usesArchive, Reason reason) implements Decision {}

    /**
     * Stop receiving WAL, then write down the final position.
     *
     * @param caughtUpWith the standby that it was received from; absent in a first vote
     */
    record Vote(Epoch epoch, @Nullable MemberName caughtUpWith, Reason reason)
            implements Decision {}

    /**
     * Stream from a standby that has voted, to have what it has. Decided again and again until the
     * own log has come to the target, or the time is over; then follows a vote.
     */
    record CatchUp(MemberName source, Endpoint from, Lsn target, Reason reason)
            implements Decision {}

    /** Stream no longer from a standby that may become the primary, or is becoming it. */
    record StopReceiving(Reason reason) implements Decision {}

    /**
     * Join the latch, take the authority, and then promote.
     *
     * @param expected the state that the authority succeeds; taken only if it is still this one
     * @param synchronous what the new primary will enforce; absent in asynchronous mode
     * @param votes the ballots that this rests on; taken only while every one of them stands
     * @param promised what its record promises at first: it covers what was enforced before, for
     *     the standbys may not have every commit of the last primary yet
     */
    record Stand(
            ClusterState expected,
            int expectedVersion,
            List<Ballot> votes,
            @Nullable SynchronousSet synchronous,
            @Nullable SynchronousSet promised,
            Reason reason)
            implements Decision {

        public Stand {
            votes = List.copyOf(votes);
        }
    }

    /** Touch the trigger file under the authority held. */
    record Promote(Epoch epoch, Reason reason) implements Decision {}

    /**
     * Tell everybody that clients must be held: the primary is, or is about to be, restarted in
     * place, and shows commits that the synchronous set may not have.
     */
    record PublishRecovering(Reason reason) implements Decision {}

    /** Tell everybody that the primary takes writes. */
    record PublishReady(Reason reason) implements Decision {}

    /**
     * Stop Postgres.
     *
     * @param isImmediate without a shutdown checkpoint
     * @param needsRepair noted before it is stopped, so that it will not run again without: a
     *     rewind, or what comes after the last repair if that has not helped
     */
    record Stop(boolean isImmediate, boolean needsRepair, Reason reason) implements Decision {}

    /** Give up the authority, with the proof that no process of Postgres lives. */
    record Release(Vacancy vacancy, Reason reason) implements Decision {}

    record Rewind(MemberName source, Endpoint from, Reason reason) implements Decision {}

    /** Bring what differs from the newest base backup back from the archive. */
    record Delta(MemberName source, Endpoint from, Reason reason) implements Decision {}

    /** Build the data directory anew from the archive, or from the primary. */
    record Clone(MemberName source, Endpoint from, Reason reason) implements Decision {}

    /** Make Postgres enforce this synchronous set. */
    record EnforceSynchronous(SynchronousSet set, Reason reason) implements Decision {}

    /** Promise this synchronous set to future elections; absent for asynchronous mode. */
    record PublishSynchronous(@Nullable SynchronousSet set, Reason reason) implements Decision {}

    /** Say who may succeed this primary; absent for everybody, while failsafe is off. */
    record PublishElectorate(@Nullable Set<MemberName> members, Reason reason) implements Decision {

        public PublishElectorate {
            members = members == null ? null : Set.copyOf(members);
        }
    }

    /** Checkpoint, ask clients to wait, and begin to hand over. */
    record BeginHandover(Request request, MemberName successor, Reason reason)
            implements Decision {}

    /** Tell the operator why not. */
    record Refuse(Request request, Reason reason) implements Decision {

        public Request answer() {
            return request.now(Request.Progress.FAILED, reason.detail(), "");
        }
    }
}
