package io.matriarch.cli.access;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A command's own session at ZooKeeper, with a picture of the cluster that is complete. */
public final class ClusterSession implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final ZooKeeperSettings settings;
    private final Semaphore changes;
    private final ClusterConnection connection;

    private ClusterSession(
            ZooKeeperSettings settings, Semaphore changes, ClusterConnection connection) {
        this.settings = settings;
        this.changes = changes;
        this.connection = connection;
    }

    /**
     * Connects, and waits for the picture.
     *
     * @throws CommandFailure if ZooKeeper does not answer
     */
    public static ClusterSession open(ZooKeeperSettings settings) throws InterruptedException {
        return tryOpen(settings, PATIENCE)
                .orElseThrow(() ->
                        new CommandFailure(
                                ExitStatus.UNREACHABLE,
                                "ZooKeeper at "
                                        + settings.connect()
                                        + " did not answer within "
                                        + PATIENCE.toSeconds()
                                        + " s",
                                "check that it runs and can be reached from here; for a local"
                                        + " cluster, 'matriarch local status' shows what lives"));
    }

    /** The same; empty if ZooKeeper does not answer in time. */
    public static Optional<ClusterSession> tryOpen(ZooKeeperSettings settings, Duration patience)
            throws InterruptedException {
        Semaphore changes = new Semaphore(0);
        ClusterConnection connection = new ClusterConnection(settings, changes::release).open();
        boolean isLoaded = false;
        try {
            isLoaded = connection.awaitLoaded(patience);
        } finally {
            if (!isLoaded) {
                connection.close();
            }
        }
        return isLoaded
                ? Optional.of(new ClusterSession(settings, changes, connection))
                : Optional.empty();
    }

    public ClusterConnection connection() {
        return connection;
    }

    /** The cluster as last seen. */
    public ClusterView view() {
        return connection.view().orElse(ClusterView.EMPTY);
    }

    /**
     * The record of authority.
     *
     * @throws CommandFailure if there is no such cluster, or its record cannot be read
     */
    public ClusterState state() {
        ClusterView view = view();
        ClusterState state = view.state();
        if (view.unreadableState().isPresent()) {
            throw CommandFailure.refused(
                    view.unreadableState().get(),
                    "use the commands of the sidecars' version; docs/failover.md tells how to"
                            + " restore the node");
        }
        if (state == null) {
            throw CommandFailure.refused(
                    "cluster: "
                            + settings.cluster()
                            + " is not known to ZooKeeper at "
                            + settings.connect()
                            + " (expected: a record in /"
                            + settings.namespace()
                            + "/"
                            + settings.cluster()
                            + ")",
                    "check the name and the namespace; a new cluster appears with its first"
                            + " sidecar");
        }
        return state;
    }

    /** Waits until {@code look} finds something; empty when the time has run out. */
    public <T> Optional<T> await(Supplier<Optional<T>> look, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            changes.drainPermits();
            Optional<T> found = look.get();
            long left = deadline - System.nanoTime();
            if (found.isPresent() || left <= 0) {
                return found;
            }
            // Not every change rings: the picture may be renewed after a lost connection.
            long pause = Math.min(left, LOOK_AGAIN.toNanos());
            boolean _ = changes.tryAcquire(pause, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
