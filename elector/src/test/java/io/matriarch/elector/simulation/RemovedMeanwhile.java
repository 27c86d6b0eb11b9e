package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;

/** Sees whether what was replaced is being removed, for long, when its primary dies. */
final class RemovedMeanwhile implements Witness {

    private final World world;
    private final Fault death;
    private boolean isLooked;
    private boolean isDue;

    RemovedMeanwhile(World world) {
        this.world = world;
        this.death = world.plan().faults().getLast();
    }

    /** Whether it was a primary, and every standby was removing something. */
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
        int dead = death.host();
        isDue =
                state != null
                        && state.phase() == Phase.READY
                        && state.primary().equals(world.hosts().get(dead).name())
                        && world.hosts().stream()
                                .filter(host -> host.number() != dead)
                                .allMatch(host -> host.disk().isRemoving());
    }
}
