package io.matriarch.elector.cluster;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * What a member writes: its presence, its ballot, and, with the latch held, the cluster's state.
 *
 * <p><b>Authority comes only from a transaction</b> that checks the own latch node and the version
 * of the state. What Curator's latch believes is a hint that it is worth trying.
 */
public final class Membership implements AutoCloseable {

    private static final int HISTORY_KEPT = 100;

    private final ClusterConnection connection;
    private final CuratorFramework curator;
    private final MemberName self;
    private @Nullable LeaderLatch latch;
    private @Nullable String presence;

    public Membership(ClusterConnection connection, MemberName self) {
        this.connection = connection;
        this.curator = connection.curator();
        this.self = self;
    }

    /** How a guarded write ended. */
    public enum Written {
        YES,
        /** Somebody else was faster, or the latch is lost: look again. */
        NO
    }

    /**
     * Shows this member to the others, for as long as its session lives.
     *
     * @throws ClusterException if the name is held by another live session, among other troubles
     */
    public synchronized void publish(MemberStatus status) {
        String path = connection.path("members/" + self);
        byte[] bytes = ClusterJson.bytes(status);
        ClusterConnection.writing(
                path,
                () -> {
                    if (path.equals(presence) && isOwnedByThisSession(path)) {
                        curator.setData().forPath(path, bytes);
                        return true;
                    }
                    replacePresence(path, bytes, status.incarnation());
                    presence = path;
                    return true;
                });
    }

    /** A node left by an earlier life of this member is replaced; another member's is not. */
    private void replacePresence(String path, byte[] bytes, String incarnation) throws Exception {
        if (curator.checkExists().forPath(path) != null && !isOwnedByThisSession(path)) {
            Optional<MemberStatus> other =
                    ClusterJson.read(curator.getData().forPath(path), MemberStatus.class);
            if (other.isPresent() && !other.get().incarnation().equals(incarnation)) {
                throw new IllegalStateException(
                        "the name " + self + " is taken by a live member of another incarnation");
            }
            curator.delete().quietly().forPath(path);
        }
        try {
            curator.create()
                    .creatingParentsIfNeeded()
                    .withMode(CreateMode.EPHEMERAL)
                    .forPath(path, bytes);
        } catch (KeeperException.NodeExistsException e) {
            curator.setData().forPath(path, bytes);
        }
    }

    private boolean isOwnedByThisSession(String path) throws Exception {
        Stat stat = curator.checkExists().forPath(path);
        return stat != null && stat.getEphemeralOwner() == connection.sessionId();
    }

    /** Writes this member's ballot, for as long as its session lives. */
    public void vote(Ballot ballot) {
        String path = connection.path("ballots/" + ballot.epoch() + "/" + self);
        ClusterConnection.writing(
                path,
                () -> {
                    curator.delete().quietly().forPath(path);
                    return curator.create()
                            .creatingParentsIfNeeded()
                            .withMode(CreateMode.EPHEMERAL)
                            .forPath(path, ClusterJson.bytes(ballot));
                });
    }

    /**
     * Joins the latch, and waits for its turn.
     *
     * @return whether this member is first now
     */
    public synchronized boolean joinLatch(Duration patience) throws InterruptedException {
        LeaderLatch joined = latch;
        if (joined == null) {
            LeaderLatch fresh = new LeaderLatch(curator, connection.path("latch"), self.value());
            ClusterConnection.writing(
                    "latch",
                    () -> {
                        fresh.start();
                        return true;
                    });
            latch = fresh;
            joined = fresh;
        }
        return joined.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    public synchronized void leaveLatch() {
        LeaderLatch left = latch;
        latch = null;
        if (left == null) {
            return;
        }
        try {
            left.close();
        } catch (IOException | IllegalStateException e) {
            // It is gone with its session, if not now.
            return;
        }
    }

    /**
     * The path of the own latch node, which every guarded write checks. A new session has a new
     * node, so the path also stands for the session.
     */
    public synchronized Optional<String> latchPath() {
        LeaderLatch joined = latch;
        return joined == null ? Optional.empty() : Optional.ofNullable(joined.getOurPath());
    }

    /**
     * Creates the state of a cluster that has none, or replaces {@code version} of it, while the
     * own latch node exists. An unknown outcome is read back, never repeated.
     */
    public Written write(String latchPath, ClusterState state, int version) {
        String path = connection.path("state");
        byte[] bytes = ClusterJson.bytes(state);
        return guarded(
                path,
                () -> {
                    List<CuratorOp> ops = new ArrayList<>();
                    ops.add(curator.transactionOp().check().forPath(latchPath));
                    ops.add(
                            version < 0
                                    ? curator.transactionOp().create().forPath(path, bytes)
                                    : curator.transactionOp()
                                            .setData()
                                            .withVersion(version)
                                            .forPath(path, bytes));
                    curator.transaction().forOperations(ops);
                    return Written.YES;
                },
                bytes);
    }

    /** Gives up the authority: the state says so and the latch node is gone, both or neither. */
    public Written release(String latchPath, ClusterState vacated, int version) {
        String path = connection.path("state");
        byte[] bytes = ClusterJson.bytes(vacated);
        Written written =
                guarded(
                        path,
                        () -> {
                            curator.transaction()
                                    .forOperations(
                                            curator.transactionOp().delete().forPath(latchPath),
                                            curator.transactionOp()
                                                    .setData()
                                                    .withVersion(version)
                                                    .forPath(path, bytes));
                            return Written.YES;
                        },
                        bytes);
        leaveLatch();
        return written;
    }

    /** The latch node that an earlier life of this member left behind, if it is first in line. */
    public Optional<String> formerLatchPath() {
        return ClusterConnection.writing(
                "latch",
                () -> {
                    String folder = connection.path("latch");
                    List<String> nodes = new ArrayList<>(curator.getChildren().forPath(folder));
                    nodes.sort(
                            Comparator.comparing(
                                    node -> node.substring(node.lastIndexOf('-') + 1)));
                    if (nodes.isEmpty()) {
                        return Optional.<String>empty();
                    }
                    String first = folder + "/" + nodes.getFirst();
                    String owner =
                            new String(curator.getData().forPath(first), StandardCharsets.UTF_8);
                    return owner.equals(self.value())
                            ? Optional.of(first)
                            : Optional.<String>empty();
                });
    }

    /**
     * Renews the authority: a quorum write that succeeds only while the own latch node exists.
     *
     * @return whether the authority is still held
     * @throws ClusterException if the outcome is unknown
     */
    public boolean renew(String latchPath, Epoch epoch) {
        String path = connection.path("renewal");
        byte[] bytes = (self + " " + epoch).getBytes(StandardCharsets.UTF_8);
        return ClusterConnection.writing(
                path,
                () -> {
                    try {
                        curator.transaction()
                                .forOperations(
                                        curator.transactionOp().check().forPath(latchPath),
                                        curator.transactionOp().setData().forPath(path, bytes));
                        return true;
                    } catch (KeeperException.NoNodeException e) {
                        return false;
                    }
                });
    }

    /** Creates what {@link #renew} writes to; harmless if it is there. */
    public void prepareRenewal() {
        String path = connection.path("renewal");
        ClusterConnection.writing(
                path,
                () -> {
                    try {
                        return curator.create()
                                .creatingParentsIfNeeded()
                                .forPath(path, new byte[0]);
                    } catch (KeeperException.NodeExistsException e) {
                        return path;
                    }
                });
    }

    /** Adds a change of primary to the history, and forgets the oldest beyond a hundred. */
    public void record(Change change) {
        String folder = connection.path("history");
        String path = "%s/%010d".formatted(folder, change.epoch().value());
        ClusterConnection.writing(
                path,
                () -> {
                    try {
                        curator.create()
                                .creatingParentsIfNeeded()
                                .forPath(path, ClusterJson.bytes(change));
                    } catch (KeeperException.NodeExistsException e) {
                        return false;
                    }
                    List<String> kept = new ArrayList<>(curator.getChildren().forPath(folder));
                    kept.sort(null);
                    for (String old : kept.subList(0, Math.max(0, kept.size() - HISTORY_KEPT))) {
                        curator.delete().quietly().forPath(folder + "/" + old);
                    }
                    return true;
                });
    }

    /** Removes the ballots of elections that are over. */
    public void clearBallots(Epoch upTo) {
        String folder = connection.path("ballots");
        ClusterConnection.writing(
                folder,
                () -> {
                    if (curator.checkExists().forPath(folder) == null) {
                        return false;
                    }
                    for (String epoch : curator.getChildren().forPath(folder)) {
                        if (!Epoch.parse(epoch).isAfter(upTo)) {
                            curator.delete()
                                    .quietly()
                                    .deletingChildrenIfNeeded()
                                    .forPath(folder + "/" + epoch);
                        }
                    }
                    return true;
                });
    }

    private Written guarded(String path, ClusterConnection.Call<Written> write, byte[] ours) {
        return ClusterConnection.writing(
                path,
                () -> {
                    try {
                        return write.run();
                    } catch (KeeperException.NoNodeException
                            | KeeperException.BadVersionException
                            | KeeperException.NodeExistsException
                            | KeeperException.ConnectionLossException e) {
                        return readBack(path, ours);
                    }
                });
    }

    /** An answer may have been lost, and the refusal may be that of our own second try. */
    private Written readBack(String path, byte[] ours) throws Exception {
        if (curator.checkExists().forPath(path) == null) {
            return Written.NO;
        }
        return Arrays.equals(curator.getData().forPath(path), ours) ? Written.YES : Written.NO;
    }

    @Override
    public void close() {
        leaveLatch();
    }
}
