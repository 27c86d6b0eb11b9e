package io.matriarch.elector.simulation;

import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Postgres;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import java.util.HashMap;
import java.util.Map;

/**
 * The lease keeps what its arithmetic promises: when the session of a primary ends, its lease has
 * ended, and the supervisor has had a poll and the time of a stop. And no two leases overlap.
 */
final class FenceBeforeExpiry implements Witness {

    private final World world;

    /** The last permission of each, also if it has been taken back since. */
    private final Map<MemberName, Given> given = new HashMap<>();

    private record Given(Epoch epoch, long fenced) {}

    FenceBeforeExpiry(World world) {
        this.world = world;
    }

    @Override
    public void onExpiry(Ensemble.Session session) {
        Host host = session.host();
        ClusterState state = world.state();
        if (host == null || state == null || !world.ensemble().isFirstInQueue(session)) {
            return;
        }
        Given last = given.get(host.name());
        boolean isReign =
                last != null
                        && last.epoch().equals(state.epoch())
                        && state.primary().equals(host.name());
        long fenced = isReign && last != null ? last.fenced() : 0;
        if (fenced > world.time().now()) {
            throw new Violation(
                    "the fence comes before the expiry",
                    "the session of %s ended %d ms before its primary is surely stopped"
                            .formatted(host, (fenced - world.time().now()) / VirtualTime.MILLIS));
        }
    }

    private long fencedAfter(Host host, LeaseRecord lease) {
        return host.momentOf(
                lease.deadline()
                        .plus(world.plan().lease().poll())
                        .plus(world.plan().lease().stop()));
    }

    @Override
    public void onLease(Host host, LeaseRecord lease) {
        if (lease.mayBePrimary()) {
            given.put(host.name(), new Given(lease.epoch(), fencedAfter(host, lease)));
        }
        if (!lease.mayBePrimary() || host.momentOf(lease.deadline()) <= world.time().now()) {
            return;
        }
        for (Host other : world.hosts()) {
            LeaseRecord theirs = other.lease();
            boolean isHeld =
                    other != host
                            && theirs != null
                            && theirs.mayBePrimary()
                            && other.momentOf(theirs.deadline()) > world.time().now();
            if (isHeld && !other.postgres().run().equals(Postgres.Run.DOWN)) {
                throw new Violation(
                        "one lease",
                        "%s is given one under epoch %s while that of %s lasts"
                                .formatted(host, lease.epoch(), other));
            }
        }
    }
}
