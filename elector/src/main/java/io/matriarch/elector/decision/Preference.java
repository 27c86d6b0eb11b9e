package io.matriarch.elector.decision;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Situation;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A member of a higher priority that would be the first if it had a little more WAL, which the
 * healthiest has: so that one gives way for a while, and the other streams from it.
 *
 * <p>The two agree by what their ballots say, not by how each is configured. Each counts from when
 * it knew both ballots, which is nearly the same moment for all. The preferred one has half of the
 * time; everybody else keeps still for all of it. So it has stopped to receive before the
 * healthiest stands.
 *
 * @param from where the Postgres of the healthiest listens
 */
record Preference(Ballot preferred, Ballot healthiest, Endpoint from, Concession concession) {

    /** Whom the healthiest gives way to; nobody, in most elections. */
    static Optional<Preference> of(Candidates candidates, ClusterView view) {
        Ballot first = candidates.ranked().getFirst();
        Endpoint from = standbyAt(view, first.member());
        if (from == null || candidates.isSuccessor(first) || candidates.isLastPrimary(first)) {
            return Optional.empty();
        }
        return candidates.votes().stream()
                .filter(vote -> vote.priority() > first.priority())
                .filter(vote -> isWithinReach(vote, first) && mayFetch(vote, candidates, view))
                .filter(vote -> candidates.couldStandWith(caughtUp(vote, first)))
                .max(
                        Comparator.comparingInt(Ballot::priority)
                                .thenComparing(Ballot::received)
                                .thenComparing(Ballot::member))
                .map(vote -> new Preference(vote, first, from, both(vote, first)));
    }

    private static @Nullable Endpoint standbyAt(ClusterView view, MemberName member) {
        return view.member(member)
                .filter(status -> Candidates.mayVote(status.role()))
                .map(MemberStatus::postgres)
                .orElse(null);
    }

    private static boolean isWithinReach(Ballot vote, Ballot first) {
        Concession concession = both(vote, first);
        return vote.timeline().equals(first.timeline())
                && vote.received().isBefore(first.received())
                && !concession.isNone()
                && first.received().minus(vote.received()) <= concession.bytes();
    }

    /**
     * Once in an election, so that a ballot that says so does not grow. The last primary has marks
     * of its reign, which tell its log from what it would fetch.
     */
    private static boolean mayFetch(Ballot vote, Candidates candidates, ClusterView view) {
        return standbyAt(view, vote.member()) != null
                && vote.caughtUpWith() == null
                && !vote.member().equals(candidates.state().primary());
    }

    private static Concession both(Ballot vote, Ballot first) {
        return vote.concession() == null || first.concession() == null
                ? Concession.NONE
                : vote.concession().and(first.concession());
    }

    private static Ballot caughtUp(Ballot vote, Ballot first) {
        return new Ballot(
                vote.member(),
                vote.epoch(),
                vote.timeline(),
                first.received(),
                vote.priority(),
                vote.concession(),
                first.member(),
                vote.mostLoss(),
                vote.replayed());
    }

    /** How long a member has known both ballots. */
    Duration knownFor(Situation.Election election) {
        return election.together(preferred.member(), healthiest.member());
    }

    boolean isOf(MemberName member) {
        return preferred.member().equals(member);
    }

    /** For how long the others wait. */
    Duration patience() {
        return concession.patience();
    }

    /** For how long the preferred member receives. */
    Duration timeToFetch() {
        return concession.patience().dividedBy(2);
    }

    long lacking() {
        return healthiest.received().minus(preferred.received());
    }
}
