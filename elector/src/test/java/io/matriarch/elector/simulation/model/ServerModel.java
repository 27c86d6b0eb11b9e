package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.sql.ReplicationPeer;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.ServerStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Postgres, asked by its sidecar over SQL. */
final class ServerModel implements OwnServer {

    private static final PostgresVersion VERSION = new PostgresVersion(170002);
    private static final long PATIENCE = 2 * VirtualTime.SECONDS;

    private final World world;
    private final Host host;
    private final Lifetime life;

    ServerModel(World world, Host host, Lifetime life) {
        this.world = world;
        this.host = host;
        this.life = life;
    }

    static ServerException noAnswer() {
        return new ServerException("status", "", new SQLException("no answer", "08006"));
    }

    private Postgres ask() {
        life.sleep(world.chance().between(300, 2_000));
        Postgres postgres = host.postgres();
        if (postgres.hasPostmaster() && postgres.life().isFrozen()) {
            life.sleep(PATIENCE);
        }
        if (!postgres.acceptsConnections()) {
            throw noAnswer();
        }
        return postgres;
    }

    @Override
    public ServerStatus status() {
        Postgres postgres = ask();
        Data data = postgres.data();
        boolean isInRecovery = postgres.run() != Postgres.Run.PRIMARY;
        OwnFiles.Role role = postgres.loaded();
        SynchronousSet set = role.synchronous();
        Lsn end = new Lsn(data.end);
        return new ServerStatus(
                data.system,
                VERSION,
                isInRecovery,
                data.timeline(),
                end,
                true,
                end,
                0,
                receiver(postgres),
                new ServerStatus.Source(
                        role.following() == null
                                ? ""
                                : "host="
                                        + role.following().host()
                                        + " port="
                                        + role.following().port(),
                        role.usesArchive()),
                set.toSetting(),
                peers(postgres));
    }

    private static Optional<ServerStatus.Receiver> receiver(Postgres postgres) {
        WalReceiver receiver = postgres.receiver();
        if (!receiver.isThere() && !receiver.isBeingRefused()) {
            return Optional.empty();
        }
        WalStream stream = receiver.stream();
        return Optional.of(
                new ServerStatus.Receiver(
                        stream != null || receiver.isBeingRefused(),
                        postgres.data().timeline(),
                        stream == null ? "" : stream.source().name().value(),
                        World.PORT));
    }

    private static List<ReplicationPeer> peers(Postgres postgres) {
        List<ReplicationPeer> peers = new ArrayList<>();
        postgres.peers()
                .forEach((name, peer) ->
                        peers.add(new ReplicationPeer(name, true, new Lsn(peer.flushed))));
        return peers;
    }

    /** Clients come and go; some stay inside a transaction for longer than anybody's patience. */
    @Override
    public int clientsInTransaction() {
        ask();
        return world.chance().between(0, 8) == 0 ? 0 : 1;
    }

    /** In this world nobody waits for what is written. */
    @Override
    public void fillSegment() {
        ask();
    }

    /** In this world nothing is stuck between a server that stops and its standbys. */
    @Override
    public void endSendersBehind(MemberName successor) {
        ask();
    }

    /** In this world replay waits for nobody. */
    @Override
    public void endConflictsWithReplay() {
        ask();
    }

    @Override
    public void reload() {
        ask().reload();
    }

    @Override
    public void checkpoint() {
        Postgres postgres = ask();
        Lifetime server = postgres.life();
        boolean isSet = postgres.isToWait();
        life.sleep(world.chance().between(5, 400) * VirtualTime.MILLIS);
        host.disk().awaitCheckpoint(life, server);
        if (server.isDead() || host.disk().failsCheckpoints()) {
            throw noAnswer();
        }
        postgres.checkpoint(isSet);
    }

    @Override
    public void createRoles() {
        ask();
    }

    @Override
    public void close() {}
}
