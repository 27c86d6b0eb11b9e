package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Settings.Mode;
import org.jspecify.annotations.Nullable;

/**
 * No two servers acknowledge writes in overlapping times: once a newer epoch is ready, or has
 * acknowledged anything, nothing is acknowledged under an older one.
 *
 * <p>Without synchronous standbys there is one limit that nothing on the host can remove: when
 * server and supervisor were frozen together, or the supervisor alone, clients of the server are
 * faster than a supervisor that has just woken, for a poll and the time of a stop.
 */
final class OneWriter implements Witness {

    private static final long SLACK = 60 * VirtualTime.MILLIS;

    private final World world;
    private final long limit;
    private long newest;
    private @Nullable Host writer;

    OneWriter(World world) {
        this.world = world;
        this.limit =
                world.plan().lease().poll().plus(world.plan().lease().stop()).toMillis()
                                * VirtualTime.MILLIS
                        + SLACK;
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        if (before != null && before.epoch().isAfter(after.epoch())) {
            throw new Violation(
                    "one writer", "the epoch goes back from " + before + " to " + after);
        }
        if (after.phase() == Phase.READY && after.epoch().value() > newest) {
            newest = after.epoch().value();
            writer = null;
        }
    }

    @Override
    public void onAcknowledged(Witness.Commit commit) {
        boolean isOld = commit.epoch() < newest;
        boolean isAnother = commit.epoch() == newest && writer != null && writer != commit.host();
        if ((isOld || isAnother) && !isBeyondReach(commit.host())) {
            throw new Violation(
                    "one writer",
                    "%s acknowledged a commit under epoch %d, after epoch %d"
                            .formatted(commit.host(), commit.epoch(), newest));
        }
        if (!isOld) {
            newest = commit.epoch();
            writer = commit.host();
        }
    }

    private boolean isBeyondReach(Host host) {
        boolean isWatched =
                host.supervisor().life().isRunning()
                        && world.time().now() - host.supervisor().life().runningSince() > limit;
        return world.plan().mode() == Mode.OFF && !isWatched;
    }
}
