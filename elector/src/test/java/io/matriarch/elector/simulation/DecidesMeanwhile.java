package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Postgres;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import org.jspecify.annotations.Nullable;

/**
 * A primary that ends while a checkpoint of it hangs is started again, or given up, as soon as any
 * other. Only for histories in which nothing else goes wrong then.
 */
final class DecidesMeanwhile implements Witness {

    private static final long SOON = 1_200 * VirtualTime.MILLIS;

    private final World world;
    private final Fault death;
    private @Nullable ClusterState before;
    private boolean isLooked;
    private boolean isOver;

    DecidesMeanwhile(World world) {
        this.world = world;
        this.death = world.plan().faults().getLast();
    }

    /** Whether it was a primary, and its checkpoint hung. */
    boolean isDue() {
        return before != null;
    }

    @Override
    public void onStep() {
        long now = world.time().now();
        if (!isLooked && now >= death.begin() - 50 * VirtualTime.MILLIS) {
            isLooked = true;
            ClusterState state = world.state();
            boolean isReady =
                    state != null
                            && state.phase() == Phase.READY
                            && state.primary().equals(host().name());
            before = isReady && host().disk().isCheckpointHeld() ? state : null;
        }
        ClusterState known = before;
        if (known != null && !isOver && now >= death.begin() + SOON) {
            isOver = true;
            Postgres own = host().postgres();
            // A start that fails is another fault.
            boolean isIdle = own.run() == Postgres.Run.DOWN && !own.hasFailed();
            if (isUnchanged(known, world.state()) && isIdle) {
                throw new Violation(
                        "decides meanwhile", host() + " is down, and nobody does anything");
            }
        }
    }

    /** The electorate may shrink, or the set: that brings nobody back. */
    private static boolean isUnchanged(ClusterState before, @Nullable ClusterState now) {
        return now != null && now.epoch().equals(before.epoch()) && now.phase() == before.phase();
    }

    private Host host() {
        return world.hosts().get(death.host());
    }
}
