package io.matriarch.elector.simulation;

import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.enactment.MemberCycle;
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
import org.jspecify.annotations.Nullable;

/**
 * The lease keeps what its arithmetic promises: when the session of a primary ends, its lease has
 * ended, and the supervisor has had a poll and the time of a stop; or every member that may take
 * the authority is bound by a vow until then. And no two leases overlap.
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
        Host free = fenced > world.time().now() ? whoMaySucceed(host, state, fenced) : null;
        if (free != null) {
            throw new Violation(
                    "the fence comes before the expiry",
                    "the session of %s ended %d ms before its primary is surely stopped, and %s may succeed it"
                            .formatted(
                                    host,
                                    (fenced - world.time().now()) / VirtualTime.MILLIS,
                                    free));
        }
    }

    /** A member that may take the authority before a primary is surely stopped; absent if none. */
    private @Nullable Host whoMaySucceed(Host primary, ClusterState state, long fenced) {
        for (Host other : world.hosts()) {
            boolean isFree =
                    other != primary
                            && state.mayBeSucceededBy(other.name())
                            && boundUntil(other, state) < fenced;
            if (isFree) {
                return other;
            }
        }
        return null;
    }

    /** Who is not alive now is too young, once it is, for as long as a vow would bind it. */
    private long boundUntil(Host member, ClusterState state) {
        MemberCycle cycle = member.sidecar().cycle();
        if (cycle == null) {
            return state.electorate() == null ? 0 : Long.MAX_VALUE;
        }
        long young = state.electorate() == null ? 0 : member.momentOf(cycle.vows().mayTakeFrom());
        long vowed =
                cycle.vows()
                        .binding(member.bootTime())
                        .filter(vow -> vow.epoch().equals(state.epoch()))
                        .map(vow -> member.momentOf(vow.until()))
                        .orElse(0L);
        return Math.max(young, vowed);
    }

    /** A lease that is given when its session is gone rests on vows alone. */
    private void checkVows(Host host, long fenced) {
        ClusterState state = world.state();
        boolean isReign =
                state != null
                        && state.primary().equals(host.name())
                        && state.phase() != ClusterState.Phase.VACANT
                        && !world.ensemble().isInQueue(host);
        Host free = isReign && state != null ? whoMaySucceed(host, state, fenced) : null;
        if (free != null) {
            throw new Violation(
                    "the fence comes before the expiry",
                    "%s is given a lease without a session, and %s may succeed it before its end"
                            .formatted(host, free));
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
        checkVows(host, fencedAfter(host, lease));
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
