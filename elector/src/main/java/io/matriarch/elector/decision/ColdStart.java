package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.Situation;
import java.time.Duration;

/**
 * All hosts were off, and come back one after the other: the last primary has everything on its
 * disk, so whoever has just been started waits for it a while. A standby that has streamed since it
 * was started never does: its primary has died before its eyes.
 */
final class ColdStart {

    /**
     * How long a last primary may take over its crash recovery, once it is seen to be at it, if
     * nobody else need have its commits.
     */
    static final Duration RECOVERY = Duration.ofSeconds(10);

    private ColdStart() {}

    /**
     * Whether this member is the last primary and its Postgres has not run since its supervisor
     * started: it did not crash before anybody's eyes, and those that stream may all be off, too.
     */
    static boolean isOfLastPrimary(OwnPostgres.Stopped stopped, Situation now, ClusterState state) {
        return stopped.cause() == Cause.NOT_STARTED
                && state.primary().equals(now.identity().name())
                && state.incarnation().equals(now.identity().incarnation());
    }

    static Reason waitsForLastPrimary(ClusterState state) {
        return Reason.of(
                Code.WAITING_FOR_LAST_PRIMARY,
                "it has just been started, and "
                        + state.primary()
                        + ", the last primary, may be about to come back, too");
    }

    /** For how long after its own vote a standby waits for the last primary's. */
    static Duration patience(
            OwnPostgres.Standby standby, Situation now, ClusterView view, ClusterState state) {
        boolean isAwaited =
                standby.isColdStarted()
                        && !state.primary().equals(now.identity().name())
                        && view.ballots().stream()
                                .noneMatch(vote ->
                                        vote.member().equals(state.primary())
                                                && vote.epoch().equals(state.epoch().next()));
        if (!isAwaited) {
            return Duration.ZERO;
        }
        boolean isRecovering =
                view.member(state.primary())
                        .filter(member -> member.role() == MemberStatus.Role.STARTING)
                        .isPresent();
        return isRecovering && state.synchronous() == null
                ? RECOVERY
                : now.settings().patience().ballot();
    }
}
