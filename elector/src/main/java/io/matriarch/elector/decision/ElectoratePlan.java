package io.matriarch.elector.decision;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Situation;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the record of who may succeed the primary: whoever is live, and whoever was until a while
 * ago. The fewer there are, the fewer must vouch when ZooKeeper is gone; but who is not named
 * cannot be elected.
 */
final class ElectoratePlan {

    private ElectoratePlan() {}

    static Optional<Decision> next(Situation now, ClusterView view, ClusterState state) {
        Set<MemberName> goal = now.settings().failsafe() ? goal(now, view, state) : null;
        boolean isKnown = goal == null || now.vouching().isElectorateCertain();
        if (Objects.equals(goal, state.electorate()) && isKnown) {
            return Optional.empty();
        }
        return Optional.of(
                new Decision.PublishElectorate(
                        goal, Reason.of(Code.ELECTORATE_CHANGES, describe(goal))));
    }

    private static String describe(@Nullable Set<MemberName> goal) {
        return goal == null
                ? "failsafe is off: everybody may succeed the primary"
                : "the primary may be succeeded by " + goal;
    }

    /** A member on which elections count for its commits is not left out, even if it is gone. */
    private static Set<MemberName> goal(Situation now, ClusterView view, ClusterState state) {
        TreeSet<MemberName> goal = new TreeSet<>();
        if (state.electorate() != null) {
            goal.addAll(state.electorate());
            goal.removeAll(now.vouching().departed());
        }
        view.members().stream().map(MemberStatus::name).forEach(goal::add);
        if (state.synchronous() != null) {
            goal.addAll(state.synchronous().members());
        }
        goal.add(now.identity().name());
        return goal;
    }
}
