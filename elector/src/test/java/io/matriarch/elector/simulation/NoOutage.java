package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import org.jspecify.annotations.Nullable;

/**
 * From a moment on the primary goes on: under the same epoch, never stopped, and without a gap
 * between commits. Only for histories in which nothing goes wrong but ZooKeeper.
 */
final class NoOutage implements Witness {

    private static final long GAP = 1500 * VirtualTime.MILLIS;

    private final World world;
    private final long from;
    private @Nullable ClusterState before;
    private long lastCommit;
    private boolean hasBegun;

    NoOutage(World world, long from) {
        this.world = world;
        this.from = from;
    }

    @Override
    public void onStep() {
        long now = world.time().now();
        if (!hasBegun && now >= from) {
            hasBegun = true;
            before = world.state();
            lastCommit = now;
            if (before == null || before.phase() != Phase.READY || before.electorate() == null) {
                throw new Violation("no outage", "the cluster was not well before: " + before);
            }
        }
        if (hasBegun && now - lastCommit > GAP) {
            throw new Violation("no outage", "no commit since " + lastCommit / VirtualTime.MILLIS);
        }
    }

    @Override
    public void onAcknowledged(Witness.Commit commit) {
        lastCommit = commit.at();
    }

    @Override
    public void onState(@Nullable ClusterState old, ClusterState after) {
        ClusterState known = before;
        if (known != null && !after.epoch().equals(known.epoch())) {
            throw new Violation("no outage", "another epoch: " + after);
        }
    }

    @Override
    public void onStop(Host host, boolean isImmediate, boolean isFence) {
        ClusterState known = before;
        if (known != null && host.name().equals(known.primary())) {
            throw new Violation("no outage", host + " is stopped");
        }
    }
}
