package io.matriarch.local;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * One ZooKeeper server in this process, for one machine: on the loopback address, without the
 * administration server, its data kept on disk and old snapshots purged.
 */
final class EmbeddedZooKeeper implements AutoCloseable {

    private static final int TICK_MILLIS = 500;
    private static final int SHORTEST_SESSION_MILLIS = 1_000;
    private static final int LONGEST_SESSION_MILLIS = 20_000;
    private static final int MOST_CONNECTIONS = 500;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final int PURGE_HOURS = 1;

    private final NIOServerCnxnFactory connections;
    private final DatadirCleanupManager purging;

    private EmbeddedZooKeeper(NIOServerCnxnFactory connections, DatadirCleanupManager purging) {
        this.connections = connections;
        this.purging = purging;
    }

    /** Serves from when this returns. */
    static EmbeddedZooKeeper open(InetSocketAddress listen, Path data)
            throws IOException, InterruptedException {
        File folder = data.toFile();
        ZooKeeperServer server = new ZooKeeperServer(folder, folder, TICK_MILLIS);
        server.setMinSessionTimeout(SHORTEST_SESSION_MILLIS);
        server.setMaxSessionTimeout(LONGEST_SESSION_MILLIS);
        NIOServerCnxnFactory connections = new NIOServerCnxnFactory();
        connections.configure(listen, MOST_CONNECTIONS);
        connections.startup(server);
        DatadirCleanupManager purging =
                new DatadirCleanupManager(folder, folder, SNAPSHOTS_KEPT, PURGE_HOURS);
        purging.start();
        return new EmbeddedZooKeeper(connections, purging);
    }

    /** Returns when the server has ended. */
    void await() throws InterruptedException {
        connections.join();
    }

    @Override
    public void close() {
        purging.shutdown();
        connections.shutdown();
    }
}
