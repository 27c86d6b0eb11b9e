package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Branch;
import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Postgres;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.postgres.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * In synchronous mode every primary that is ready has whatever could be read, acknowledged or not,
 * by a client that an ambassador had let in: one that comes while the record says {@code READY},
 * and is led to the primary that it names.
 *
 * <p>Where a server is restarted while ZooKeeper is gone, and vows uphold its lease, no ambassador
 * can be told.
 */
final class NoVanishedRead implements Witness {

    private record Read(Host host, Branch branch, long end, long at) {}

    private final World world;
    private final List<Read> reads = new ArrayList<>();
    private @Nullable Host untold;

    NoVanishedRead(World world) {
        this.world = world;
    }

    @Override
    public void onStart(Host host, Data data, boolean asPrimary) {
        if (asPrimary) {
            var cycle = host.sidecar().cycle();
            boolean isUntold = cycle != null && cycle.authority().isUpheldByVows();
            untold = isUntold ? host : untold == host ? null : untold;
        }
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        boolean isNews = before == null || before.phase() != Phase.READY;
        if (after.phase() == Phase.READY && isNews) {
            check(world.host(after.primary().value()));
            read();
        }
    }

    @Override
    public void onWritable(Host host, @Nullable Branch from) {
        read();
    }

    /** Whoever comes now reads all that is there. */
    private void read() {
        ClusterState state = world.state();
        if (world.plan().mode() == Mode.OFF || state == null || state.phase() != Phase.READY) {
            return;
        }
        Host primary = world.host(state.primary().value());
        Postgres postgres = primary.postgres();
        Data data = primary.disk().data();
        boolean isServing =
                postgres.run() == Postgres.Run.PRIMARY && postgres.epoch() == state.epoch().value();
        if (isServing && data != null && primary != untold) {
            reads.add(new Read(primary, data.branch(), postgres.visible(), world.time().now()));
        }
    }

    void check(Host primary) {
        Data data = primary.disk().data();
        if (data == null) {
            return;
        }
        for (Read read : reads) {
            if (!data.branch().contains(data.end(), read.branch(), read.end())) {
                throw new Violation(
                        "no vanished read",
                        "%s is ready without what could be read on %s up to %s of timeline %s at %d ms"
                                .formatted(
                                        primary,
                                        read.host(),
                                        new Lsn(read.end()),
                                        read.branch().timeline(),
                                        read.at() / 1000));
            }
        }
    }
}
