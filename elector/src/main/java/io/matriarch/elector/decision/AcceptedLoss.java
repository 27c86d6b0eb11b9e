package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import java.util.List;
import java.util.Optional;

/**
 * What an election may lose where nobody shares commits: as much as the one accepts, in its ballot,
 * who would succeed. With synchronous standbys nothing that anybody was told can be lacking.
 */
final class AcceptedLoss {

    private AcceptedLoss() {}

    /**
     * Why the one at this place must not stand; empty if it may. Nor does anybody who has less pass
     * one who accepts less: with that one's ballot more is there to be saved.
     */
    static Optional<Reason> refusal(
            List<Ballot> ranked, int place, ClusterView view, ClusterState state) {
        if (state.synchronous() != null) {
            return Optional.empty();
        }
        return ranked.subList(0, place + 1).stream()
                .filter(ballot -> !isAccepted(ballot, ranked, view, state))
                .findFirst()
                .map(ballot ->
                        view.whyUnreadable(ClusterView.RENEWAL)
                                .map(why -> unreadable(why, state))
                                .orElseGet(() -> refusal(ballot, view, state)));
    }

    /** What the last primary lacks itself nobody has, if nobody shows more. */
    private static boolean isAccepted(
            Ballot ballot, List<Ballot> ranked, ClusterView view, ClusterState state) {
        boolean isLastPrimaryInFront =
                ballot.equals(ranked.getFirst()) && ballot.member().equals(state.primary());
        Long most = ballot.mostLoss();
        if (isLastPrimaryInFront || most == null) {
            return true;
        }
        boolean isLossKnown = view.whyUnreadable(ClusterView.RENEWAL).isEmpty();
        return isLossKnown && view.lackedBy(ballot.received()) <= most;
    }

    private static Reason unreadable(String why, ClusterState state) {
        return Reason.of(
                Code.STATE_IS_UNREADABLE,
                "how far "
                        + state.primary()
                        + " had written cannot be read (node renewal in ZooKeeper: "
                        + why
                        + "), so nobody knows what an election would lose: bring "
                        + state.primary()
                        + " back, upgrade this sidecar, or empty the node");
    }

    private static Reason refusal(Ballot ballot, ClusterView view, ClusterState state) {
        return Reason.of(
                Code.LACKS_TOO_MUCH,
                ballot.member()
                        + " could succeed "
                        + state.primary()
                        + ", and lacks at least "
                        + view.lackedBy(ballot.received())
                        + " bytes of what that had written, more than election.most-loss ("
                        + ballot.mostLoss()
                        + "): bring "
                        + state.primary()
                        + " back, or accept the loss by a greater value at "
                        + ballot.member());
    }

    /** For the reason of who stands; nothing if it lacks nothing. */
    static String told(Ballot ballot, ClusterView view) {
        long lacking = view.lackedBy(ballot.received());
        return lacking == 0 ? "" : "; the last primary had written " + lacking + " bytes more";
    }
}
