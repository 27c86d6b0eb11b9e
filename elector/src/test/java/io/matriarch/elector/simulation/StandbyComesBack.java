package io.matriarch.elector.simulation;

import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import org.jspecify.annotations.Nullable;

/**
 * A standby whose Postgres has ended while ZooKeeper is away streams again soon, and has nothing
 * left to do; and its primary goes on. Only for histories in which nothing else goes wrong.
 */
final class StandbyComesBack implements Witness {

    /** For a start that fails, the next, and to be proven. */
    private static final long SOON = 7 * VirtualTime.SECONDS;

    /** Long enough for something to happen in between. */
    private static final long BEFORE = 50 * VirtualTime.MILLIS;

    private final World world;
    private final Fault end;
    private @Nullable ClusterState before;
    private boolean isLooked;
    private boolean isOver;

    StandbyComesBack(World world) {
        this.world = world;
        this.end = world.plan().faults().getLast();
    }

    /** Whether it was a standby that ended, and its cluster was well. */
    boolean isDue() {
        return before != null;
    }

    @Override
    public void onStep() {
        long now = world.time().now();
        if (!isLooked && now >= end.begin() - BEFORE) {
            isLooked = true;
            look();
        }
        ClusterState known = before;
        if (known != null && !isOver && now >= end.begin() + SOON) {
            isOver = true;
            check(known);
        }
    }

    private Host standby() {
        return world.hosts().get(end.host());
    }

    private void look() {
        ClusterState state = world.state();
        boolean isWell =
                state != null
                        && state.phase() == Phase.READY
                        && standby().postgres().streamsFrom(world.host(state.primary().value()));
        before = isWell ? state : null;
    }

    private void check(ClusterState known) {
        Host primary = world.host(known.primary().value());
        ClusterState state = world.state();
        if (state == null || !state.epoch().equals(known.epoch())) {
            throw new Violation("a standby comes back", "another epoch: " + state);
        }
        MemberCycle cycle = standby().sidecar().cycle();
        Decision decision = cycle == null ? null : cycle.outlook().decision();
        if (!standby().postgres().streamsFrom(primary) || !(decision instanceof Decision.Stay)) {
            throw new Violation(
                    "a standby comes back",
                    "%s is %s, and decides %s"
                            .formatted(standby(), standby().postgres().run(), decision));
        }
    }
}
