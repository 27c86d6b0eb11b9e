package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a member does while the place of the primary is vacant. */
final class Succession {

    Decision decide(Situation now, ClusterView view, ClusterState state) {
        if (state.phase() == Phase.BOOTSTRAPPING) {
            return bootstrap(now, view, state);
        }
        return switch (now.postgres()) {
            case OwnPostgres.Standby standby -> standby(standby, now, view, state);
            case OwnPostgres.Stopped stopped -> stopped(stopped, now, state);
            case OwnPostgres.Absent absent ->
                    new Decision.Hold(
                            Reason.of(
                                    Code.NO_DATA_TO_ELECT,
                                    "no primary, and this member has no data to stand with"));
            case OwnPostgres.Unsealed unsealed ->
                    new Decision.Hold(
                            Reason.of(
                                    Code.NO_DATA_TO_ELECT,
                                    "no primary, and a delta restore of this member has not ended"));
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

    /** What a Postgres that is proven dead leaves behind. */
    static Vacancy leftBy(
            OwnPostgres.Stopped stopped, @Nullable MemberName successor, String reason) {
        boolean isClean = stopped.data().isCleanlyShutDown();
        return new Vacancy(isClean ? stopped.data().end() : null, successor, reason);
    }

    /** The first owner died before there was a cluster. */
    private static Decision bootstrap(Situation now, ClusterView view, ClusterState state) {
        boolean isOurs = state.primary().equals(now.identity().name());
        boolean isEmptyHanded =
                switch (now.postgres()) {
                    case OwnPostgres.Absent absent -> true;
                    case OwnPostgres.Stopped stopped ->
                            stopped.data().repair() == OwnPostgres.Repair.REPLACE || isOurs;
                    default -> false;
                };
        if (isOurs && now.postgres() instanceof OwnPostgres.Standby) {
            return new Decision.Stop(
                    false,
                    false,
                    Reason.of(
                            Code.BOOTSTRAP_RESUMED,
                            "a cluster in the making has no primary to follow: it starts as one"));
        }
        boolean ownerIsGone = !view.isLive(state.primary());
        if (isEmptyHanded && (isOurs || ownerIsGone) && now.settings().mayBootstrap()) {
            return new Decision.Bootstrap(
                    Reason.of(
                            Code.BOOTSTRAP_RESUMED,
                            "the bootstrap by " + state.primary() + " did not end"));
        }
        return new Decision.Stay(
                Reason.of(Code.WAITING_FOR_BOOTSTRAP, state.primary() + " is making the cluster"));
    }

    private static Decision stopped(
            OwnPostgres.Stopped stopped, Situation now, ClusterState state) {
        OwnPostgres.Data data = stopped.data();
        if (data.repair() != OwnPostgres.Repair.NONE) {
            return new Decision.Hold(
                    Reason.of(
                            Code.WAITING_FOR_PRIMARY,
                            "the data directory must be repaired from a primary, and there is none"));
        }
        Epoch reign = data.reign();
        if (reign != null && isLongSucceeded(reign, now, state)) {
            return longSucceeded(reign);
        }
        Situation.Election election = now.election();
        Duration headStart = now.settings().patience().turn().multipliedBy(2);
        boolean othersHadTheirChance =
                election != null && election.vacantFor().compareTo(headStart) >= 0;
        boolean isColdStart = ColdStart.isOfLastPrimary(stopped, now, state);
        if (reign != null && !isColdStart && !othersHadTheirChance) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_OTHERS_TO_STAND,
                            "the last primary lets the running standbys stand first"));
        }
        return new Decision.StartAsStandby(
                null, Reason.of(Code.PLACE_IS_VACANT, "no primary: started to stand"));
    }

    /**
     * Who succeeded itself, and fell before it could note that, is not: nobody else has reigned
     * since its last reign.
     */
    private static boolean isLongSucceeded(Epoch reign, Situation now, ClusterState state) {
        boolean isOurs =
                state.primary().equals(now.identity().name())
                        && state.incarnation().equals(now.identity().incarnation());
        return !reign.equals(state.epoch()) && !(isOurs && reign.next().equals(state.epoch()));
    }

    private static Decision longSucceeded(Epoch reign) {
        return new Decision.Hold(
                Reason.of(
                        Code.WAITING_FOR_PRIMARY,
                        "the data directory has what was written in, or right after, the reign of"
                                + " epoch "
                                + reign
                                + ", long succeeded; it waits for a primary to rewind to"));
    }

    private static Decision standby(
            OwnPostgres.Standby standby, Situation now, ClusterView view, ClusterState state) {
        Epoch reign = standby.reign();
        if (standby.isCatchingUp() && !state.epoch().equals(reign)) {
            return stopReceiving(standby, state);
        }
        if (reign != null && isLongSucceeded(reign, now, state)) {
            return longSucceeded(reign);
        }
        if (mayComeOntoTheLine(standby, state)) {
            return new Decision.Follow(
                    state.postgres(),
                    true,
                    Reason.of(
                            Code.STREAM_IS_MISSING,
                            offTheLineage(state, standby) + ": it asks the archive"));
        }
        if (!state.lineage().isAncestorOf(standby.history())) {
            return new Decision.Hold(
                    Reason.of(
                            Code.NOT_ON_LINEAGE,
                            offTheLineage(state, standby) + ": it cannot stand"));
        }
        if (!state.mayBeSucceededBy(now.identity().name())) {
            return new Decision.Hold(
                    Reason.of(
                            Code.NOT_IN_ELECTORATE,
                            "it was away when "
                                    + state.primary()
                                    + " last said who may succeed it ("
                                    + state.electorate()
                                    + "): it cannot be elected until a primary takes it in again"));
        }
        if (mayHaveForgotten(standby, now, state)) {
            return new Decision.Hold(
                    Reason.of(
                            Code.HAS_FORGOTTEN,
                            "it was brought back from the archive, and its log ends at "
                                    + standby.position()
                                    + ": it may lack commits that it had confirmed, up to "
                                    + standby.forgotten()));
        }
        Situation.Election election = now.election();
        Optional<Decision> asPlanned =
                election == null
                        ? Optional.empty()
                        : PlannedSuccession.decide(standby, election, now, view, state);
        if (asPlanned.isPresent()) {
            return asPlanned.get();
        }
        Duration votedFor = election == null ? null : election.votedFor();
        if (election == null || votedFor == null) {
            return new Decision.Vote(
                    state.epoch().next(),
                    source(standby, view),
                    Reason.of(Code.PLACE_IS_VACANT, "the place of the primary is vacant"));
        }
        return afterVoting(standby, election, votedFor, now, view, state);
    }

    /** Others take it that a member of the synchronous set tells all that it ever confirmed. */
    private static boolean mayHaveForgotten(
            OwnPostgres.Standby standby, Situation now, ClusterState state) {
        SynchronousSet set = state.synchronous();
        return standby.mayHaveForgotten()
                && set != null
                && set.members().contains(now.identity().name())
                && !state.isAllOfTheLog(standby.status().timeline(), standby.position());
    }

    /** What may begin a timeline that is never told must not be received, not even for a moment. */
    static Decision stopReceiving(OwnPostgres.Standby standby, ClusterState state) {
        return new Decision.StopReceiving(
                Reason.of(
                        Code.SOURCE_MAY_CHANGE,
                        "it was catching up with "
                                + standby.following()
                                + " to succeed the primary of epoch "
                                + standby.reign()
                                + ", and the state is "
                                + state.phase()
                                + " of epoch "
                                + state.epoch()));
    }

    /** With whom this standby has been catching up. */
    private static @Nullable MemberName source(OwnPostgres.Standby standby, ClusterView view) {
        return view.members().stream()
                .filter(member ->
                        standby.isCatchingUp() && member.postgres().equals(standby.following()))
                .map(MemberStatus::name)
                .findFirst()
                .orElse(null);
    }

    /** What it lacks to be able to stand may be in the archive, and it followed without that. */
    private static boolean mayComeOntoTheLine(OwnPostgres.Standby standby, ClusterState state) {
        return !standby.status().usesArchive()
                && standby.reign() == null
                && !state.lineage().isAncestorOf(standby.history())
                && state.lineage().isReachedBy(standby.history(), standby.status().written());
    }

    /**
     * Who has nothing of the cluster's timeline would begin another one of the same number, and
     * members that have some of the first could not tell the two apart.
     */
    private static String offTheLineage(ClusterState state, OwnPostgres.Standby standby) {
        Lineage lineage = state.lineage();
        return lineage.isReachedBy(standby.history(), standby.status().written())
                ? "its log ends before the cluster's timeline "
                        + lineage.timeline()
                        + " began at "
                        + lineage.switchedAt()
                : "its log does not lie on the cluster's lineage (timeline "
                        + lineage.timeline()
                        + ")";
    }

    private static Decision afterVoting(
            OwnPostgres.Standby standby,
            Situation.Election election,
            Duration votedFor,
            Situation now,
            ClusterView view,
            ClusterState state) {
        Candidates candidates = Candidates.of(view, state);
        boolean isOrderFinal = candidates.mayBeRanked(votedFor, now.settings().patience().ballot());
        boolean mayBeRanked =
                isOrderFinal
                        && (candidates.isSuccessor(candidates.ranked().getFirst())
                                || votedFor.compareTo(ColdStart.patience(standby, now, view, state))
                                        >= 0);
        Preference preference = mayBeRanked ? Preference.of(candidates, view).orElse(null) : null;
        if (preference != null && mayFetch(preference, standby, election, now, view)) {
            return catchUp(preference);
        }
        if (standby.isCatchingUp()) {
            return new Decision.Vote(
                    state.epoch().next(),
                    source(standby, view),
                    Reason.of(
                            Code.CAUGHT_UP,
                            "it has received up to " + standby.position() + ", and votes again"));
        }
        if (!mayBeRanked) {
            return new Decision.Stay(
                    isOrderFinal
                            ? ColdStart.waitsForLastPrimary(state)
                            : Reason.of(
                                    Code.WAITING_FOR_VOTES,
                                    "waiting for votes: " + candidates.whatIsMissing()));
        }
        return inTurn(preference, election, now, view, state, candidates);
    }

    /**
     * Once somebody stands nothing is fetched any more. And who has the marks of a reign, or of an
     * earlier attempt, keeps its log apart: the marks tell it from one source's only.
     */
    private static boolean mayFetch(
            Preference preference,
            OwnPostgres.Standby standby,
            Situation.Election election,
            Situation now,
            ClusterView view) {
        return preference.isOf(now.identity().name())
                && view.latch().isEmpty()
                && preference.knownFor(election).compareTo(preference.timeToFetch()) < 0
                && standby.position().isBefore(preference.healthiest().received())
                && (standby.reign() == null || preference.from().equals(standby.following()));
    }

    private static Decision catchUp(Preference preference) {
        MemberName source = preference.healthiest().member();
        return new Decision.CatchUp(
                source,
                preference.from(),
                preference.healthiest().received(),
                Reason.of(
                        Code.CATCHING_UP,
                        "it is preferred, and fetches the "
                                + preference.lacking()
                                + " bytes that "
                                + source
                                + " has and it has not"));
    }

    private static Decision inTurn(
            @Nullable Preference preference,
            Situation.Election election,
            Situation now,
            ClusterView view,
            ClusterState state,
            Candidates candidates) {
        if (preference != null
                && preference.knownFor(election).compareTo(preference.patience()) < 0) {
            return new Decision.Stay(givesWay(preference));
        }
        List<Ballot> ranked = candidates.ranked();
        int place = ranked.stream().map(Ballot::member).toList().indexOf(now.identity().name());
        if (place < 0) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_TURN,
                            "others are in front: "
                                    + ranked.stream().map(b -> b.member().value()).toList()));
        }
        Duration turn = now.settings().patience().turn().multipliedBy(place);
        Duration sinceTurnsCount =
                isBehindLastPrimary(ranked, place, now, state)
                        ? election.together(state.primary())
                                .minus(now.settings().patience().ballot())
                        : sinceTurnsCount(preference, place, ranked, election, now);
        if (sinceTurnsCount.compareTo(turn) < 0) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_TURN,
                            ranked.getFirst().member() + " is in front and stands first"));
        }
        if (isTooYoung(now, state)) {
            return new Decision.Stay(
                    Reason.of(
                            Code.JUST_STARTED,
                            "its sidecar has just started, and may have vouched for "
                                    + state.primary()
                                    + " before"));
        }
        Optional<Reason> refusal = AcceptedLoss.refusal(ranked, place, view, state);
        return refusal.isPresent()
                ? new Decision.Hold(refusal.get())
                : stand(now, view, state, candidates, ranked.get(place));
    }

    private static Reason givesWay(Preference preference) {
        return Reason.of(
                Code.GIVING_WAY,
                preference.healthiest().member()
                        + " is the healthiest, and gives way to "
                        + preference.preferred().member()
                        + ", which is preferred and fetches the "
                        + preference.lacking()
                        + " bytes that it lacks");
    }

    /**
     * Who was waited for, perhaps for long, has its turn from when it has voted, and may have
     * waited for the votes of others.
     */
    private static boolean isBehindLastPrimary(
            List<Ballot> ranked, int place, Situation now, ClusterState state) {
        return place > 0
                && ranked.getFirst().member().equals(state.primary())
                && now.postgres() instanceof OwnPostgres.Standby standby
                && standby.isColdStarted();
    }

    /**
     * After a vote, and after what the preferred is given: be it that it has come to be the first.
     * Who has voted again has been given way to until then.
     */
    private static Duration sinceTurnsCount(
            @Nullable Preference preference,
            int place,
            List<Ballot> ranked,
            Situation.Election election,
            Situation now) {
        if (preference != null) {
            return preference.knownFor(election).minus(preference.patience());
        }
        Ballot first = ranked.getFirst();
        return place > 0 && first.caughtUpWith() != null
                ? election.together(first.member()).minus(now.settings().concession().patience())
                : Objects.requireNonNullElse(election.lastVotedFor(), Duration.ZERO);
    }

    /** Nobody vouches for itself, and a primary that is proven dead needs nobody to. */
    private static boolean isTooYoung(Situation now, ClusterState state) {
        return state.electorate() != null
                && state.phase() != Phase.VACANT
                && !state.isPrimary(now.identity())
                && !now.now().hasReached(now.vouching().mayTakeFrom());
    }

    private static @Nullable SynchronousSet promised(
            @Nullable SynchronousSet before, @Nullable SynchronousSet next) {
        if (next == null) {
            return null;
        }
        return before == null ? SynchronousSet.NONE : before.covering(next);
    }

    private static Decision stand(
            Situation now,
            ClusterView view,
            ClusterState state,
            Candidates candidates,
            Ballot own) {
        List<MemberName> others =
                view.ballots().stream()
                        .filter(b -> b.epoch().equals(state.epoch().next()))
                        .map(Ballot::member)
                        .filter(name -> !name.equals(now.identity().name()))
                        .distinct()
                        .toList();
        return stand(
                now,
                view,
                candidates.votes(),
                others,
                Reason.of(
                        Code.HEALTHIEST,
                        "healthiest of "
                                + candidates.ranked().size()
                                + " that may stand, at "
                                + own.received()
                                + AcceptedLoss.told(own, view)));
    }

    /**
     * @param votes the ballots that this rests on
     * @param others the standbys that the first commits are shared with
     */
    static Decision stand(
            Situation now,
            ClusterView view,
            List<Ballot> votes,
            List<MemberName> others,
            Reason reason) {
        ClusterState state = Objects.requireNonNull(view.state());
        SynchronousSet next =
                SynchronousPlan.atPromotion(
                        now.settings().synchrony(), others, state, now.identity().name());
        return new Decision.Stand(
                state,
                view.stateVersion(),
                votes,
                next,
                promised(state.synchronous(), next),
                reason);
    }
}
