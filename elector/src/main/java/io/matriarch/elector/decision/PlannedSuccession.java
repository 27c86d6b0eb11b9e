package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the standbys of a planned switchover do once the place is vacant: the one that was named
 * stands at once, and the others let it. There are no ballots. If it does not come about in time,
 * there is an election as ever.
 */
final class PlannedSuccession {

    /**
     * ZooKeeper tells that a latch is gone before it tells what the record says now, though both
     * were written as one.
     */
    private static final Duration LAST_RECORD = Duration.ofMillis(50);

    /** How long the other standbys may take to tell where they are. */
    private static final Duration LAST_WORDS = Duration.ofMillis(150);

    private PlannedSuccession() {}

    /** Empty if nothing is planned, or the plan has failed. */
    static Optional<Decision> decide(
            OwnPostgres.Standby standby,
            Situation.Election election,
            Situation now,
            ClusterView view,
            ClusterState state) {
        if (standby.isCatchingUp()) {
            return Optional.empty();
        }
        if (state.phase() == Phase.DRAINING) {
            return election.vacantFor().compareTo(LAST_RECORD) < 0
                    ? Optional.of(
                            new Decision.Stay(
                                    Reason.of(
                                            Code.WAITING_FOR_VIEW,
                                            state.primary()
                                                    + " was handing over: how that ended may be about"
                                                    + " to be told")))
                    : Optional.empty();
        }
        Vacancy vacancy = state.vacancy();
        MemberName successor = vacancy == null ? null : vacancy.successor();
        if (successor == null) {
            return Optional.empty();
        }
        if (successor.equals(now.identity().name())) {
            return state.isAllOfTheLog(standby.status().timeline(), standby.position())
                    ? Optional.of(succeed(election, now, view, state))
                    : Optional.empty();
        }
        boolean isAboutToStand =
                view.member(successor).filter(member -> hasAllOfTheLog(member, state)).isPresent();
        boolean hadItsChance =
                election.votedFor() != null
                        || election.vacantFor().compareTo(now.settings().patience().ballot()) >= 0;
        return isAboutToStand && !hadItsChance
                ? Optional.of(
                        new Decision.Stay(
                                Reason.of(
                                        Code.WAITING_FOR_OTHERS_TO_STAND,
                                        successor + " is to succeed, and stands first")))
                : Optional.empty();
    }

    private static boolean hasAllOfTheLog(MemberStatus member, ClusterState state) {
        return Candidates.mayVote(member.role())
                && state.isAllOfTheLog(member.timeline(), member.received());
    }

    /**
     * Whoever has told that it has all of the log, too, follows at once, so the first commits are
     * shared with those. One that has not told is given a moment: it may be about to, or stuck.
     */
    private static Decision succeed(
            Situation.Election election, Situation now, ClusterView view, ClusterState state) {
        MemberName self = now.identity().name();
        List<MemberStatus> standbys =
                view.members().stream()
                        .filter(member -> Candidates.mayVote(member.role()))
                        .filter(member -> !member.name().equals(self))
                        .toList();
        List<MemberName> others =
                standbys.stream()
                        .filter(member -> hasAllOfTheLog(member, state))
                        .map(MemberStatus::name)
                        .toList();
        boolean isShared = state.synchronous() == null || others.size() == standbys.size();
        if (!isShared && election.vacantFor().compareTo(LAST_WORDS) < 0) {
            return new Decision.Stay(
                    Reason.of(
                            Code.WAITING_FOR_VOTES,
                            "it is to succeed "
                                    + state.primary()
                                    + ", and other standbys may be about to have all of the log"));
        }
        return Succession.stand(
                now,
                view,
                List.of(),
                others,
                Reason.of(
                        Code.SUCCEEDS_AS_PLANNED,
                        state.primary() + " has handed over, and it has all of the log"));
    }
}
