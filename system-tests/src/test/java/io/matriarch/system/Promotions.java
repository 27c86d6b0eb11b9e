package io.matriarch.system;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Watches the standbys, to know the first moment at which one of them took writes. */
final class Promotions implements AutoCloseable {

    private static final long LOOK_NANOS = 2_000_000;

    private final AtomicLong first = new AtomicLong(Long.MAX_VALUE);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isClosed;

    private Promotions() {}

    static Promotions watch(RunningCluster cluster, ClusterFile.Node primary) throws SQLException {
        Promotions promotions = new Promotions();
        for (ClusterFile.Node node : cluster.file().nodes()) {
            if (!node.name().equals(primary.name())) {
                Database standby = cluster.application().at(node.postgres());
                promotions.threads.add(Thread.ofVirtual().start(() -> promotions.watch(standby)));
            }
        }
        return promotions;
    }

    private void watch(Database standby) {
        while (!isClosed) {
            try (Connection connection = standby.connect();
                    Statement statement = connection.createStatement()) {
                while (!isClosed) {
                    long asked = System.nanoTime();
                    if (!isInRecovery(statement)) {
                        first.accumulateAndGet(asked, Math::min);
                        return;
                    }
                    LockSupport.parkNanos(LOOK_NANOS);
                }
            } catch (SQLException e) {
                // It restarts; it is asked again.
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    private static boolean isInRecovery(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** As {@link System#nanoTime()}, or nothing if there was none yet. */
    OptionalLong firstNanos() {
        long nanos = first.get();
        return nanos == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(nanos);
    }

    @Override
    public void close() {
        isClosed = true;
        threads.forEach(Thread::interrupt);
    }
}
