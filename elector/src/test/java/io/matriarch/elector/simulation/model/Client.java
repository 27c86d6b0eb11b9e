package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import org.jspecify.annotations.Nullable;

/**
 * An application without an ambassador: it writes through whichever server takes it, keeps to the
 * one that did, and believes what it is told.
 */
final class Client {

    private static final long PATIENCE = 3 * VirtualTime.SECONDS;

    private final World world;
    private int at;
    private @Nullable Lifetime session;
    private long writes;

    Client(World world) {
        this.world = world;
        this.at = world.chance().below(world.hosts().size());
    }

    void open() {
        world.time().after(world.chance().between(1, 100) * VirtualTime.MILLIS, this::write);
    }

    private void again(long write) {
        if (write == writes) {
            writes++;
            world.time().after(world.chance().between(40, 250) * VirtualTime.MILLIS, this::write);
        }
    }

    private void elsewhere() {
        session = null;
        at = (at + 1) % world.hosts().size();
    }

    private void write() {
        Host host = world.hosts().get(at);
        long write = writes;
        world.time()
                .after(
                        PATIENCE,
                        () -> {
                            if (write == writes) {
                                elsewhere();
                                again(write);
                            }
                        });
        if (!world.network().isOpen(world.network().clients(), host.number())) {
            return;
        }
        world.time()
                .after(
                        world.network().delay(world.network().clients(), host.number()),
                        () -> arrive(host, write));
    }

    private void arrive(Host host, long write) {
        Postgres postgres = host.postgres();
        Lifetime server = postgres.life();
        // Whoever is connected stays so without a postmaster, and waits while all is frozen.
        boolean mayConnect = server == session || postgres.hasPostmaster();
        if (server.isDead() || !mayConnect) {
            elsewhere();
            again(write);
            return;
        }
        server.run(() -> {
            if (postgres.life() != server
                    || !postgres.takesWrites()
                    || !world.isOpenToApplications(postgres.data())) {
                elsewhere();
                again(write);
                return;
            }
            session = server;
            long epoch = postgres.epoch();
            Branch branch = postgres.data().branch();
            postgres.commit(end -> {
                if (world.network().isOpen(host.number(), world.network().clients())) {
                    world.acknowledged(
                            new Witness.Commit(host, epoch, branch, end, world.time().now()));
                    again(write);
                }
            });
        });
    }
}
