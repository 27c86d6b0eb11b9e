package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Settings.Mode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of a cluster whose hosts were all without power, and nothing else, the last primary is elected
 * again if it came back in time, with every row that it had on its disk, and is never rewound.
 */
final class LastPrimaryReturns implements Witness {

    /** If its own recovery is waited for, it has only to be there about as soon as the others. */
    private static final long SHOWN = 300 * VirtualTime.MILLIS;

    /** The longest crash recovery, less what the others wait for and take at least. */
    private static final long RECOVERED = -2_200 * VirtualTime.MILLIS;

    private final World world;
    private final List<Fault> blackout;
    private final List<Witness.Commit> acknowledged = new ArrayList<>();
    private @Nullable Host last;
    private boolean isLooked;
    private boolean isOver;

    LastPrimaryReturns(World world) {
        this.world = world;
        this.blackout = world.plan().isOnlyBlackout() ? world.plan().faults() : List.of();
    }

    /** Whether the last primary came back in time. */
    boolean isDue() {
        return last != null;
    }

    @Override
    public void onStep() {
        if (blackout.isEmpty() || isOver) {
            return;
        }
        if (!isLooked && world.time().now() >= blackout.getFirst().begin()) {
            isLooked = true;
            look();
        }
        Host due = last;
        if (due != null && due.postgres().hasFailed()) {
            // That is another fault, and a late one is not waited for.
            last = null;
        }
    }

    private void look() {
        ClusterState state = world.state();
        if (state == null || state.phase() != Phase.READY) {
            return;
        }
        Host primary = world.host(state.primary().value());
        long back = blackout.get(primary.number()).end();
        long others =
                blackout.stream()
                        .filter(fault -> fault.host() != primary.number())
                        .mapToLong(Fault::end)
                        .min()
                        .orElse(back);
        long grace = world.plan().mode() == Mode.OFF ? SHOWN : RECOVERED;
        if (back <= others + grace) {
            last = primary;
        }
    }

    @Override
    public void onAcknowledged(Witness.Commit commit) {
        if (!isLooked && !blackout.isEmpty()) {
            acknowledged.add(commit);
        }
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        Host due = last;
        if (due == null || isOver) {
            return;
        }
        if (!after.primary().equals(due.name())) {
            throw new Violation(
                    "the last primary returns",
                    after.primary() + " is " + after.phase() + ", and " + due + " is back in time");
        }
        if (after.phase() == Phase.READY) {
            isOver = true;
            checkRows(due);
        }
    }

    private void checkRows(Host due) {
        Data data = due.disk().data();
        for (Witness.Commit commit : acknowledged) {
            if (data == null
                    || !data.branch().contains(data.end(), commit.branch(), commit.end())) {
                throw new Violation(
                        "the last primary returns", due + " has lost " + commit + ": " + data);
            }
        }
    }

    @Override
    public void onRewind(Host host, Data own, Data theirs) {
        if (host == last) {
            throw new Violation("the last primary returns", host + " is rewound");
        }
    }
}
