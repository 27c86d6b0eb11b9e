package io.matriarch.elector.simulation;

import io.matriarch.elector.simulation.model.Branch;
import io.matriarch.elector.simulation.model.Data;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Postgres;
import io.matriarch.elector.simulation.model.Witness;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.Lsn;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Nothing takes writes but by an authority that was taken; nothing is made where there is data,
 * nothing half made is started, and nothing is thrown away before its replacement is proven.
 */
final class NeverByAccident implements Witness {

    private final World world;
    private final Map<Long, MemberName> reigns = new HashMap<>();

    /** What was set aside before a standby received WAL from its primary. */
    private final Set<Data> replaced = Collections.newSetFromMap(new IdentityHashMap<>());

    NeverByAccident(World world) {
        this.world = world;
    }

    @Override
    public void onState(@Nullable ClusterState before, ClusterState after) {
        long epoch = after.epoch().value();
        if (before != null && epoch < before.epoch().value()) {
            throw new Violation("never by accident", "epoch " + epoch + " comes after a later one");
        }
        MemberName known = reigns.putIfAbsent(epoch, after.primary());
        if (known != null && !known.equals(after.primary())) {
            throw new Violation(
                    "never by accident",
                    "epoch " + epoch + " belongs to " + known + ", and now to " + after.primary());
        }
        if (before != null && before.epoch().equals(after.epoch()) && isAgain(before, after)) {
            throw new Violation(
                    "never by accident",
                    "epoch " + epoch + " was over, and goes on from " + before.phase());
        }
    }

    private static boolean isAgain(ClusterState before, ClusterState after) {
        return before.phase() == ClusterState.Phase.VACANT
                && after.phase() != ClusterState.Phase.VACANT;
    }

    @Override
    public void onStart(Host host, Data data, boolean asPrimary) {
        if (data.isTorn()) {
            throw new Violation(
                    "never by accident", host + " is started on a half made data directory");
        }
        if (asPrimary) {
            checkReign(host, host.supervisor().epoch(), "starts as a primary");
        }
    }

    @Override
    public void onRepair(Host host) {
        if (host.isToRunProgram()) {
            throw new Violation(
                    "never by accident",
                    host + " is repaired while a program is still to change its data directory");
        }
    }

    @Override
    public void onPromotion(Host host, long epoch) {
        checkReign(host, epoch, "is promoted");
        boolean isPermitted =
                host.supervisor().permitsPrimary() && host.supervisor().epoch() == epoch;
        if (!isPermitted) {
            throw new Violation(
                    "never by accident", host + " is promoted without a lease of epoch " + epoch);
        }
    }

    @Override
    public void onWritable(Host host, @Nullable Branch from) {
        checkReign(host, host.postgres().epoch(), "takes writes");
    }

    private void checkReign(Host host, long epoch, String what) {
        if (!host.name().equals(reigns.get(epoch))) {
            throw new Violation(
                    "never by accident",
                    "%s %s under epoch %d, which is that of %s"
                            .formatted(host, what, epoch, reigns.get(epoch)));
        }
    }

    @Override
    public void onFounded(Host host) {
        ClusterState state = world.state();
        if (state == null || state.systemIdentifier() != null) {
            throw new Violation("never by accident", host + " makes a database beside another");
        }
    }

    @Override
    public void onReceived(Host host, boolean fromPrimary) {
        if (fromPrimary) {
            replaced.addAll(host.disk().asides());
        }
    }

    /** Once begun it may go on, whatever has become of the standby that was proven. */
    @Override
    public void onRemoved(Host host, Data removed) {
        Data present = host.disk().data();
        boolean isProven =
                replaced.contains(removed)
                        || (present != null
                                && !present.isTorn()
                                && host.postgres().run() == Postgres.Run.STANDBY);
        if (!isProven && world.time().now() > VirtualTime.SECONDS) {
            throw new Violation(
                    "never by accident",
                    host + " throws " + removed + " away, and its replacement is " + present);
        }
    }

    @Override
    public void onRewind(Host host, Data own, Data theirs) {
        long fork = Branch.fork(own.branch(), own.end(), theirs.branch(), theirs.end());
        if (fork < own.end() && !host.disk().keepsLogOf(own)) {
            throw new Violation(
                    "never by accident",
                    "%s undoes what lies beyond %s of %s, and has not kept it"
                            .formatted(host, new Lsn(fork), own));
        }
    }

    /** What the primary has, as long as it reigns, is not lost by it. */
    @Override
    public void onOverwritten(Host host, Data own) {
        ClusterState state = world.state();
        if (own.isTorn() || state == null || state.phase() != ClusterState.Phase.READY) {
            return;
        }
        Host primary = world.host(state.primary().value());
        Data theirs = primary.disk().data();
        if (theirs != null && primary.postgres().run() == Postgres.Run.PRIMARY) {
            onRewind(host, own, theirs);
        }
    }

    @Override
    public void onMixed(Host host, String how) {
        throw new Violation("never by accident", host + ": " + how);
    }
}
