package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;

/**
 * Sees whether a primary dies whose standby is in its synchronous set, and whose commits do not
 * wait for it yet.
 */
final class WaitsUnproven implements Witness {

    private final World world;
    private final Fault death;
    private boolean isLooked;
    private boolean isDue;

    WaitsUnproven(World world) {
        this.world = world;
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
                        && primary.postgres().isYetToWait();
    }
}
