package io.matriarch.elector.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/** A real ZooKeeper server on loopback, with a tick of 200 ms. */
final class ZooKeeperServerResource implements AutoCloseable {

    static final Duration TICK = Duration.ofMillis(200);

    private final NIOServerCnxnFactory connections;
    private final ZooKeeperServer server;

    ZooKeeperServerResource(Path data) throws IOException, InterruptedException {
        server = new ZooKeeperServer(data.toFile(), data.toFile(), (int) TICK.toMillis());
        server.setMinSessionTimeout(400);
        server.setMaxSessionTimeout(20_000);
        connections = new NIOServerCnxnFactory();
        connections.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        connections.startup(server);
    }

    String address() {
        return "127.0.0.1:" + connections.getLocalPort();
    }

    /** Ends a client's session as if its time had run out. */
    void expire(long session) {
        server.closeSession(session);
    }

    @Override
    public void close() {
        connections.shutdown();
    }
}
