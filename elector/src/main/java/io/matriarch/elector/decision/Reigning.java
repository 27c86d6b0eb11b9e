package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the holder of the authority does. */
final class Reigning {

    /** A planned stop that takes longer than this is cut short; its clients are waiting. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    /** How long a server that has written its shutdown checkpoint may take to end by itself. */
    private static final Duration LAST_WORDS = Duration.ofMillis(1500);

    Decision decide(Situation now, ClusterView view, ClusterState state) {
        return switch (now.postgres()) {
            case OwnPostgres.Absent absent -> withoutData(state);
            case OwnPostgres.Unsealed unsealed -> unsealed(state);
            case OwnPostgres.Stopped stopped -> stopped(stopped, now, view, state);
            case OwnPostgres.Starting starting -> starting(starting, now, view, state);
            case OwnPostgres.Stopping stopping -> stopping(stopping, now, view, state);
            case OwnPostgres.Standby standby -> standby(state);
            case OwnPostgres.Primary primary -> primary(primary, now, view, state);
            case OwnPostgres.Unusable unusable -> unusable(unusable, state);
            case OwnPostgres.Unclear unclear ->
                    new Decision.Hold(Reason.of(Code.SUPERVISOR_SILENT, unclear.why()));
        };
    }

    private static Decision withoutData(ClusterState state) {
        if (state.phase() == Phase.BOOTSTRAPPING) {
            return new Decision.Initialise(
                    Reason.of(Code.NO_CLUSTER_YET, "this member makes the cluster"));
        }
        return new Decision.Release(
                new Vacancy(null, null, "its data directory is gone"),
                Reason.of(Code.NO_DATA, "the data directory of the primary is gone"));
    }

    /** Of a cluster in the making nothing is lost, and somebody has to look at it. */
    private static Decision unusable(OwnPostgres.Unusable unusable, ClusterState state) {
        String what = "the data directory of the primary cannot be used: " + unusable.why();
        return state.phase() == Phase.BOOTSTRAPPING
                ? Decider.unusable(unusable)
                : new Decision.Release(
                        new Vacancy(null, null, what),
                        Reason.of(Code.DATA_DIRECTORY_UNUSABLE, what));
    }

    /** There was a cluster before, so none is made over what is left of it. */
    private static Decision unsealed(ClusterState state) {
        String what = "a delta restore of the primary's data directory has not ended";
        return state.phase() == Phase.BOOTSTRAPPING
                ? new Decision.Hold(Reason.of(Code.HALF_DONE, what))
                : new Decision.Release(
                        new Vacancy(null, null, what), Reason.of(Code.HALF_DONE, what));
    }

    private static Decision stopped(
            OwnPostgres.Stopped stopped, Situation now, ClusterView view, ClusterState state) {
        if (state.phase() == Phase.BOOTSTRAPPING) {
            if (stopped.data().repair() == OwnPostgres.Repair.REPLACE) {
                return new Decision.Initialise(
                        Reason.of(Code.HALF_DONE, "an earlier initdb did not end"));
            }
            return new Decision.StartAsPrimary(
                    Reason.of(Code.NO_CLUSTER_YET, "the new cluster's first start"));
        }
        if (stopped.data().repair() != OwnPostgres.Repair.NONE) {
            String what = "the data directory of the primary must be repaired";
            return new Decision.Release(
                    new Vacancy(null, null, what), Reason.of(Code.HALF_DONE, what));
        }
        if (fellBeforeItsPromotion(stopped, state)) {
            String what = "Postgres has been stopped before its promotion";
            return new Decision.Release(
                    new Vacancy(null, null, what, now.identity().name()),
                    Reason.of(Code.CRASHED, what));
        }
        Situation.Handover handover = now.handover();
        if (handover != null) {
            return new Decision.Release(
                    Succession.leftBy(stopped, handover.successor(), "planned switchover"),
                    Reason.of(
                            Code.SWITCHOVER_HANDS_OVER,
                            "Postgres has stopped; " + handover.successor() + " may take over"));
        }
        String how = "Postgres has " + (isCrash(stopped) ? "crashed" : "been stopped");
        // Without ZooKeeper nobody can be elected.
        boolean canBeSucceeded = !now.vouching().isUpheldByVows();
        if (canBeSucceeded && hasSuccessor(view, state, now.identity().name())) {
            return weigh(CrashWeighing.of(stopped, state), stopped, how);
        }
        String inPlace = how + ", and no standby can take over: it starts again in place";
        // Without ZooKeeper no ambassador could be told either.
        if (canBeSucceeded && RestartInPlace.mustHoldClientsBefore(state)) {
            return new Decision.PublishRecovering(Reason.of(Code.CLIENTS_ARE_HELD, inPlace));
        }
        return new Decision.StartAsPrimary(Reason.of(Code.CRASHED_WITH_NO_SUCCESSOR, inPlace));
    }

    /**
     * Started as a primary, it would go on with the last primary's timeline from where it knows it,
     * and what that primary wrote beyond would bear the same number. Only a promotion begins
     * another; so it is elected anew, by its own vote if there is no other.
     */
    private static boolean fellBeforeItsPromotion(OwnPostgres.Stopped stopped, ClusterState state) {
        return state.phase() == Phase.PROMOTING
                && stopped.data().timeline().compareTo(state.lineage().timeline()) <= 0;
    }

    private static Decision weigh(CrashWeighing weighed, OwnPostgres.Stopped stopped, String how) {
        return weighed.isBackSooner()
                ? new Decision.StartAsPrimary(
                        Reason.of(Code.CRASHED_AND_BACK_SOON, how + ": " + weighed.why()))
                : new Decision.Release(
                        Succession.leftBy(stopped, null, how),
                        Reason.of(
                                Code.CRASHED,
                                how + ", and a standby can take over: " + weighed.why()));
    }

    /** What was thought to be back soon, and is not, is given up for a standby. */
    private static Decision starting(
            OwnPostgres.Starting starting, Situation now, ClusterView view, ClusterState state) {
        if (state.phase() == Phase.READY
                && CrashWeighing.isTooLate(starting, state)
                && hasSuccessor(view, state, now.identity().name())) {
            return new Decision.Stop(
                    true,
                    false,
                    Reason.of(
                            Code.RECOVERY_TAKES_TOO_LONG,
                            "its recovery from a crash takes too long, and a standby can take"
                                    + " over"));
        }
        Duration silentFor = starting.silentFor();
        return silentFor != null && silentFor.compareTo(now.settings().patience().silence()) > 0
                ? silent(starting, now, view, state)
                : new Decision.Stay(Reason.of(Code.WAITING_FOR_POSTGRES, starting.inWords()));
    }

    /** It hangs, and so does whoever waits for it; only its death lets another take over. */
    private static Decision silent(
            OwnPostgres.Starting starting, Situation now, ClusterView view, ClusterState state) {
        boolean canBeSucceeded =
                !now.vouching().isUpheldByVows()
                        && !state.paused()
                        && state.phase() != Phase.BOOTSTRAPPING
                        && hasSuccessor(view, state, now.identity().name());
        return canBeSucceeded
                ? new Decision.Stop(
                        true,
                        false,
                        Reason.of(
                                Code.POSTGRES_SILENT,
                                starting.inWords() + ", and a standby can take over"))
                : new Decision.Hold(
                        Reason.of(
                                Code.POSTGRES_SILENT,
                                starting.inWords() + ", and nobody could succeed it"));
    }

    /**
     * Once the primary of an epoch was ready it is never promoted again: others may have followed
     * it by then, and would follow a timeline that the record does not know.
     */
    private static Decision standby(ClusterState state) {
        return state.isFollowed()
                ? new Decision.Stop(
                        false,
                        false,
                        Reason.of(
                                Code.STARTED_WITHOUT_LEASE,
                                "it was started when its lease was void for a moment, so as a"
                                        + " standby: it starts again as the primary"))
                : new Decision.Promote(
                        state.epoch(),
                        Reason.of(
                                Code.AUTHORITY_TAKEN,
                                "the authority of epoch " + state.epoch() + " is ours"));
    }

    private static boolean isCrash(OwnPostgres.Stopped stopped) {
        return stopped.cause() == OwnPostgres.Cause.CRASHED
                || stopped.cause() == OwnPostgres.Cause.FAILED;
    }

    /**
     * Whether an election without this member would have a winner, as far as can be told from here.
     */
    private static boolean hasSuccessor(ClusterView view, ClusterState state, MemberName self) {
        SynchronousSet required = state.synchronous();
        long standbys =
                view.members().stream()
                        .filter(m -> !m.name().equals(self) && isStandby(m))
                        .filter(m -> state.mayBeSucceededBy(m.name()))
                        .filter(m -> required == null || required.members().contains(m.name()))
                        .count();
        if (required == null) {
            return standbys > 0;
        }
        return !required.isEmpty() && standbys >= required.votesNeeded();
    }

    private static boolean isStandby(MemberStatus member) {
        return member.role() == MemberStatus.Role.STREAMING
                || member.role() == MemberStatus.Role.STANDBY;
    }

    private static Decision stopping(
            OwnPostgres.Stopping stopping, Situation now, ClusterView view, ClusterState state) {
        Situation.Handover handover = now.handover();
        String why = handover == null ? null : whyEnough(stopping, handover, now, view, state);
        return why == null
                ? new Decision.Stay(Reason.of(Code.WAITING_FOR_POSTGRES, "Postgres is stopping"))
                : new Decision.Stop(true, false, Reason.of(Code.SWITCHOVER_STOPS, why));
    }

    /** Why what a server still does that hands over need not be waited for; null if it must be. */
    private static @Nullable String whyEnough(
            OwnPostgres.Stopping stopping,
            Situation.Handover handover,
            Situation now,
            ClusterView view,
            ClusterState state) {
        Duration stoppingFor = now.now().since(stopping.since());
        if (stopping.data().isCleanlyShutDown()) {
            boolean isHandedOver =
                    view.member(handover.successor())
                            .filter(m -> state.lineage().timeline().equals(m.timeline()))
                            .filter(m -> !m.received().isBefore(stopping.data().end()))
                            .isPresent();
            if (isHandedOver) {
                return handover.successor() + " has all of the log: the rest is not waited for";
            }
            // Standbys may still be receiving the end of the log.
            if (stoppingFor.compareTo(LAST_WORDS) > 0) {
                return "the shutdown checkpoint is written: the rest is not waited for";
            }
        }
        return stoppingFor.compareTo(STOP_PATIENCE) > 0 ? "the stop takes too long" : null;
    }

    private static Decision primary(
            OwnPostgres.Primary primary, Situation now, ClusterView view, ClusterState state) {
        Situation.Handover handover = now.handover();
        if (handover != null) {
            return handOver(handover, now);
        }
        if (state.phase() != Phase.READY) {
            return RestartInPlace.next(primary, now, view, state);
        }
        Optional<Decision> electorate = ElectoratePlan.next(now, view, state);
        if (electorate.isPresent()) {
            return electorate.get();
        }
        Request switchover = now.requests().switchover();
        if (switchover != null) {
            return switchover(switchover, primary, now, view, state);
        }
        Optional<Decision> synchronous = SynchronousPlan.next(primary, now, view, state);
        return synchronous.orElseGet(() ->
                new Decision.Stay(
                        Reason.of(
                                Code.PRIMARY_IS_WELL,
                                "primary of epoch " + state.epoch() + ", authority held")));
    }

    /** Nobody begins anything new; what is under way may end, if that does not take too long. */
    private static Decision handOver(Situation.Handover handover, Situation now) {
        Duration waited = now.now().since(handover.since());
        Situation.Clients clients = handover.clients();
        boolean areDone = clients != null && clients.areDone();
        if (!areDone && waited.compareTo(now.settings().patience().drain()) < 0) {
            return new Decision.Stay(
                    Reason.of(Code.SWITCHOVER_DRAINS, "waiting for clients: " + waitsFor(clients)));
        }
        String how = areDone ? "" : ", in spite of clients: " + waitsFor(clients);
        return new Decision.Stop(
                false,
                false,
                Reason.of(Code.SWITCHOVER_STOPS, "handing over to " + handover.successor() + how));
    }

    private static String waitsFor(Situation.@Nullable Clients clients) {
        return clients == null
                ? "Postgres does not say who is inside a transaction"
                : clients.undrained()
                        + " ambassadors are not done, "
                        + clients.inTransaction()
                        + " sessions are inside a transaction";
    }

    private static Decision switchover(
            Request request,
            OwnPostgres.Primary primary,
            Situation now,
            ClusterView view,
            ClusterState state) {
        MemberName asked = request.member();
        MemberName self = now.identity().name();
        if (self.equals(asked)) {
            return refuse(request, self + " is the primary already");
        }
        if (asked != null && view.member(asked).isEmpty()) {
            return refuse(request, "there is no live member " + asked);
        }
        Optional<MemberStatus> best =
                view.members().stream()
                        .filter(m -> asked == null || m.name().equals(asked))
                        .filter(m -> m.role() == MemberStatus.Role.STREAMING)
                        .filter(m -> primary.replication().attached().contains(m.name()))
                        .filter(m -> state.mayBeSucceededBy(m.name()))
                        .filter(m ->
                                state.synchronous() == null
                                        || state.synchronous().members().contains(m.name()))
                        .max(
                                Comparator.comparing(MemberStatus::received)
                                        .thenComparing(
                                                MemberStatus::name, Comparator.reverseOrder()));
        if (best.isEmpty()) {
            return refuse(
                    request,
                    (asked == null ? "no standby" : asked + " is a member that")
                            + (asked == null ? " streams" : " does not stream")
                            + " from the primary"
                            + (state.synchronous() == null ? "" : " as a synchronous standby")
                            + ", so a switchover would lose writes or not end");
        }
        return new Decision.BeginHandover(
                request,
                best.get().name(),
                Reason.of(
                        Code.SWITCHOVER_ASKED,
                        "switchover to " + best.get().name() + " asked for"));
    }

    private static Decision refuse(Request request, String why) {
        return new Decision.Refuse(request, Reason.of(Code.SWITCHOVER_REFUSED, why));
    }
}
