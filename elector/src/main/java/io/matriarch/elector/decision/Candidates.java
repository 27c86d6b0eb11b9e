package io.matriarch.elector.decision;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who may become primary, and in which order.
 *
 * <p>In synchronous mode a member may stand if it surely has every acknowledged commit: it was the
 * last primary itself, and nobody shows more, as if its disk had been set back; or it has received
 * the last primary's shutdown checkpoint; or so many of the synchronous set have voted that the one
 * with the most must have them all, and it has as much. In asynchronous mode the one with the most
 * may stand once every live standby has voted or the patience is over.
 *
 * @param votes the ballots of this election, one for each member; each is a sign of life by itself,
 *     for it goes with its member's session. Who has caught up shows two for a moment, both true:
 *     the greater counts
 * @param missing live standbys that have not voted
 * @param isLastPrimaryThere whether the one that bears the last primary's name has its disk
 */
record Candidates(
        ClusterState state,
        List<Ballot> votes,
        Set<MemberName> missing,
        boolean isLastPrimaryThere) {

    private static final Comparator<Ballot> MOST_FIRST =
            Comparator.comparing(Ballot::timeline).thenComparing(Ballot::received).reversed();

    private static final Comparator<Ballot> PREFERRED_FIRST =
            Comparator.comparingInt(Ballot::priority).reversed().thenComparing(Ballot::member);

    static Candidates of(ClusterView view, ClusterState state) {
        Collection<Ballot> votes =
                view.ballots().stream()
                        .filter(b -> b.epoch().equals(state.epoch().next()))
                        .filter(b -> state.mayBeSucceededBy(b.member()))
                        .collect(
                                Collectors.toMap(
                                        Ballot::member,
                                        ballot -> ballot,
                                        (one, other) -> isAtLeast(one, other) ? one : other,
                                        TreeMap::new))
                        .values();
        List<Ballot> free = votes.stream().filter(it -> isFree(it, votes, view, state)).toList();
        Set<MemberName> voted = free.stream().map(Ballot::member).collect(Collectors.toSet());
        Set<MemberName> missing =
                view.members().stream()
                        .filter(m -> mayVote(m.role()))
                        .map(MemberStatus::name)
                        .filter(name -> !voted.contains(name) && state.mayBeSucceededBy(name))
                        .collect(Collectors.toSet());
        boolean isLastPrimaryThere =
                view.member(state.primary())
                        .filter(it -> it.incarnation().equals(state.incarnation()))
                        .isPresent();
        return new Candidates(state, List.copyOf(free), missing, isLastPrimaryThere);
    }

    /**
     * Whether this ballot counts. A primary vows nothing to itself: so of whoever bears its name
     * without surely being it, nothing counts while it may be upheld by the vows of all others. Who
     * has voted has vowed to nobody.
     */
    private static boolean isFree(
            Ballot ballot, Collection<Ballot> votes, ClusterView view, ClusterState state) {
        boolean mayBeUpheld =
                state.phase() != ClusterState.Phase.VACANT
                        && state.electorate() != null
                        && state.electorate().size() > 1
                        && votes.stream().allMatch(it -> it.member().equals(state.primary()));
        return !ballot.member().equals(state.primary())
                || !mayBeUpheld
                || view.member(ballot.member())
                        .filter(it -> state.isPrimary(it.identity()))
                        .isPresent();
    }

    static boolean mayVote(MemberStatus.Role role) {
        return switch (role) {
            case STREAMING, STANDBY -> true;
            case STARTING, STOPPED, PRIMARY -> false;
        };
    }

    /** Whether the order is final enough to act on. */
    boolean mayBeRanked(Duration votedFor, Duration patience) {
        if (ranked().isEmpty()) {
            return false;
        }
        boolean successorIsReady =
                successor().map(s -> ranked().getFirst().member().equals(s)).orElse(false);
        return successorIsReady || missing.isEmpty() || votedFor.compareTo(patience) >= 0;
    }

    String whatIsMissing() {
        SynchronousSet required = state.synchronous();
        if (required != null && !isQuorate(required)) {
            return required.isEmpty()
                    ? "only the last primary, " + state.primary() + ", has every commit"
                    : required.votesNeeded() + " of " + required.members() + " must vote";
        }
        return missing.toString();
    }

    /**
     * Those who may stand, the healthiest first; a planned switchover's successor before all. Among
     * equals the last primary is the first, for then nobody's history changes, unless it has just
     * failed to be promoted; then who can take writes the soonest.
     */
    List<Ballot> ranked() {
        return votes.stream()
                .filter(this::mayStand)
                .sorted(
                        Comparator.comparing((Ballot b) -> !isSuccessor(b))
                                .thenComparing(MOST_FIRST)
                                .thenComparing(this::hasFailed)
                                .thenComparing(b -> !isLastPrimary(b))
                                .thenComparingLong(Ballot::backlog)
                                .thenComparing(PREFERRED_FIRST))
                .toList();
    }

    /** Whether a member that has voted could stand if its ballot were this one. */
    boolean couldStandWith(Ballot other) {
        List<Ballot> changed =
                votes.stream()
                        .map(vote -> vote.member().equals(other.member()) ? other : vote)
                        .toList();
        return new Candidates(state, changed, missing, isLastPrimaryThere).mayStand(other);
    }

    private boolean mayStand(Ballot ballot) {
        SynchronousSet required = state.synchronous();
        if (required == null) {
            return true;
        }
        if (isLastPrimary(ballot)) {
            return votes.stream().allMatch(v -> isAtLeast(ballot, v));
        }
        if (hasFinalPosition(ballot)) {
            return true;
        }
        return isQuorate(required)
                && votes.stream()
                        .filter(v -> required.members().contains(v.member()))
                        .allMatch(v -> isAtLeast(ballot, v));
    }

    boolean isLastPrimary(Ballot ballot) {
        return isLastPrimaryThere && ballot.member().equals(state.primary());
    }

    private boolean hasFailed(Ballot ballot) {
        Vacancy left = state.vacancy();
        return left != null && ballot.member().equals(left.failed());
    }

    private boolean isQuorate(SynchronousSet required) {
        long voters = votes.stream().filter(v -> required.members().contains(v.member())).count();
        return !required.isEmpty() && voters >= required.votesNeeded();
    }

    private static boolean isAtLeast(Ballot one, Ballot other) {
        int byTimeline = one.timeline().compareTo(other.timeline());
        return byTimeline > 0 || (byTimeline == 0 && !one.received().isBefore(other.received()));
    }

    private boolean hasFinalPosition(Ballot ballot) {
        return state.isAllOfTheLog(ballot.timeline(), ballot.received());
    }

    private Optional<MemberName> successor() {
        return Optional.ofNullable(state.vacancy()).map(Vacancy::successor);
    }

    /** Whether a planned switchover is meant for it, and it has all of the log. */
    boolean isSuccessor(Ballot ballot) {
        return hasFinalPosition(ballot)
                && successor().map(s -> s.equals(ballot.member())).orElse(false);
    }
}
