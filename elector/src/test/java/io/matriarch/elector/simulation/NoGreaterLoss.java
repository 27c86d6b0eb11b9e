package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Renewal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * In asynchronous mode nobody succeeds another primary who lacks more than is granted of what that
 * one had told with its renewals.
 */
final class NoGreaterLoss implements Witness {

    /** A renewal may be told late to whoever is about to stand. */
    private static final long LATE = 2 * VirtualTime.SECONDS;

    private final World world;
    private final Deque<Told> recent = new ArrayDeque<>();
    private @Nullable Renewal settled;

    /** From where the present epoch goes on, which is told with the epoch itself. */
    private long base;

    private record Told(Renewal renewal, long at) {}

    NoGreaterLoss(World world) {
        this.world = world;
    }

    @Override
    public void onRenewal(Renewal renewal) {
        settle();
        recent.add(new Told(renewal, world.time().now()));
    }

    private void settle() {
        while (!recent.isEmpty() && world.time().now() - recent.peek().at() >= LATE) {
            settled = recent.remove().renewal();
        }
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        settle();
        Data data = world.host(after.primary().value()).disk().data();
        if (before == null || data == null || !isTaken(before, after)) {
            return;
        }
        long known = knownEnd(before.epoch());
        boolean isBound = before.synchronous() == null && !after.primary().equals(before.primary());
        if (isBound && known - data.end() > world.plan().preference().mostLoss()) {
            throw new Violation(
                    "no greater loss",
                    "%s succeeds %s and lacks %d bytes of what that had told (granted: %d)"
                            .formatted(
                                    after.primary(),
                                    before.primary(),
                                    known - data.end(),
                                    world.plan().preference().mostLoss()));
        }
        base = data.end();
    }

    private static boolean isTaken(ClusterState before, ClusterState after) {
        return after.phase() == Phase.PROMOTING && after.epoch().isAfter(before.epoch());
    }

    private long knownEnd(Epoch epoch) {
        Renewal told = settled;
        return told == null || !told.epoch().equals(epoch)
                ? base
                : Math.max(base, told.written().value());
    }
}
