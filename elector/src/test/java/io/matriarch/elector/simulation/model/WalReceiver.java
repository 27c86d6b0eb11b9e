package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Endpoint;
import org.jspecify.annotations.Nullable;

/** A standby's receiver: it connects to whom the configuration names, again and again. */
final class WalReceiver {

    private final World world;
    private final Host host;

    private @Nullable Endpoint following;
    private @Nullable WalStream stream;
    private boolean isStopping;
    private long orders;
    private long refusedUntil;

    WalReceiver(World world, Host host) {
        this.world = world;
        this.host = host;
    }

    /** Whether a process of it exists. */
    boolean isThere() {
        return stream != null || isStopping;
    }

    @Nullable WalStream stream() {
        return stream;
    }

    /** It is shown as streaming from when it has connected until it is refused. */
    boolean isBeingRefused() {
        return world.time().now() < refusedUntil;
    }

    /** Another source, or none: the one at work ends first, in its own time. */
    void follow(@Nullable Endpoint source) {
        if (source != null && source.equals(following) && stream != null) {
            return;
        }
        following = source;
        long order = ++orders;
        Lifetime life = host.postgres().life();
        if (stream == null) {
            connectSoon(life, order);
            return;
        }
        isStopping = true;
        long patience = world.chance().once(10) ? 900 : 40;
        life.after(
                world.chance().between(1, patience) * VirtualTime.MILLIS,
                () -> {
                    drop();
                    connectSoon(life, order);
                });
    }

    private void connectSoon(Lifetime life, long order) {
        if (following != null) {
            life.after(
                    world.chance().between(5, 40) * VirtualTime.MILLIS, () -> connect(life, order));
        }
    }

    private void connect(Lifetime life, long order) {
        Endpoint source = following;
        if (order != orders || source == null || host.postgres().run() != Postgres.Run.STANDBY) {
            return;
        }
        WalStream opened = WalStream.open(world, world.host(source), host);
        if (opened != null) {
            stream = opened;
        } else {
            if (WalStream.isRefused(world, world.host(source), host)) {
                refusedUntil =
                        world.time().now() + world.chance().between(1, 30) * VirtualTime.MILLIS;
            }
            life.after(
                    world.chance().between(150, 250) * VirtualTime.MILLIS,
                    () -> connect(life, order));
        }
    }

    /** The source is gone, or does not answer any more. */
    void onLost(WalStream lost) {
        if (stream == lost) {
            stream = null;
            isStopping = false;
            connectSoon(host.postgres().life(), orders);
        }
    }

    private void drop() {
        WalStream dropped = stream;
        stream = null;
        isStopping = false;
        if (dropped != null) {
            dropped.close();
        }
    }

    void stop() {
        orders++;
        refusedUntil = 0;
        following = null;
        drop();
    }
}
