package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import java.util.function.Predicate;

/** Sees whether the last fault befalls a primary that is ready, while something else is so. */
final class DiesMeanwhile implements Witness {

    private final World world;
    private final Predicate<Host> meanwhile;
    private final Fault death;
    private boolean isLooked;
    private boolean isDue;

    /**
     * @param meanwhile asked of the primary's host just before
     */
    DiesMeanwhile(World world, Predicate<Host> meanwhile) {
        this.world = world;
        this.meanwhile = meanwhile;
        this.death = world.plan().faults().getLast();
    }

    /** Whether that came about. */
    boolean isDue() {
        return isDue;
    }

    @Override
    public void onStep() {
        if (isLooked || world.time().now() < death.begin() - VirtualTime.MILLIS) {
            return;
        }
        isLooked = true;
        ClusterState state = world.state();
        Host primary = world.hosts().get(death.host());
        isDue =
                state != null
                        && state.phase() == Phase.READY
                        && state.primary().equals(primary.name())
                        && meanwhile.test(primary);
    }
}
