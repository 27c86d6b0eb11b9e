package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.postgres.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** In synchronous mode every primary that is ready has every commit that was ever acknowledged. */
final class NoLostCommit implements Witness {

    private final World world;
    private final List<Witness.Commit> acknowledged = new ArrayList<>();

    NoLostCommit(World world) {
        this.world = world;
    }

    @Override
    public void onAcknowledged(Witness.Commit commit) {
        acknowledged.add(commit);
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        if (after.phase() == Phase.READY && (before == null || before.phase() != Phase.READY)) {
            check(world.host(after.primary().value()));
        }
    }

    void check(Host primary) {
        Data data = primary.disk().data();
        if (world.plan().mode() == Mode.OFF || data == null) {
            return;
        }
        for (Witness.Commit commit : acknowledged) {
            if (!data.branch().contains(data.end(), commit.branch(), commit.end())) {
                throw new Violation(
                        "no lost commit",
                        "%s is ready without the commit at %s of timeline %s, acknowledged by %s under epoch %d at %d ms"
                                .formatted(
                                        primary,
                                        new Lsn(commit.end()),
                                        commit.branch().timeline(),
                                        commit.host(),
                                        commit.epoch(),
                                        commit.at() / 1000));
            }
        }
    }

    int count() {
        return acknowledged.size();
    }
}
