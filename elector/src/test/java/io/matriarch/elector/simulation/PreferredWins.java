package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * Of a primary that dies the successor is the preferred member, although it lags. Only for
 * histories in which nothing else goes wrong: the first fault makes it lag, the second kills the
 * primary.
 */
final class PreferredWins implements Witness {

    private final World world;
    private final Fault lag;
    private final Fault death;

    private boolean isDue;
    private boolean isOver;
    private int caughtUp;

    PreferredWins(World world) {
        this.world = world;
        this.lag = world.plan().faults().getFirst();
        this.death = world.plan().faults().getLast();
    }

    /** Whether the primary that dies was the one that the plan means. */
    boolean isDue() {
        return isDue;
    }

    /** How often somebody has fetched what it lacked. */
    int caughtUp() {
        return caughtUp;
    }

    @Override
    public void onStep() {
        if (!isOver && !isDue && world.time().now() >= lag.begin()) {
            ClusterState state = world.state();
            isDue =
                    state != null
                            && state.phase() == Phase.READY
                            && state.primary().equals(nameOf(death.host()));
            isOver = !isDue;
        }
    }

    private MemberName nameOf(int host) {
        return world.hosts().get(host).name();
    }

    @Override
    public void onBallot(Ballot ballot) {
        if (isDue && !isOver && ballot.caughtUpWith() != null) {
            caughtUp++;
        }
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        if (!isDue || isOver || after.phase() != Phase.PROMOTING) {
            return;
        }
        isOver = true;
        if (!after.primary().equals(nameOf(lag.host()))) {
            throw new Violation(
                    "the preferred wins",
                    after.primary() + " has won, and " + nameOf(lag.host()) + " is preferred");
        }
    }
}
