package io.matriarch.elector.cluster;

import io.matriarch.elector.situation.MemberName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.TransactionOp;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/** Nodes through Curator, which tries each call a second time after a lost connection. */
final class CuratorNodes implements Nodes {

    private final ClusterConnection connection;
    private final CuratorFramework curator;
    private final QueueForAuthority latch;

    CuratorNodes(ClusterConnection connection, MemberName self) {
        this.connection = connection;
        this.curator = connection.curator();
        this.latch = new QueueForAuthority(self);
    }

    @Override
    public void create(String path, String content, Life life) throws Exception {
        curator.create()
                .creatingParentsIfNeeded()
                .withMode(life == Life.OF_SESSION ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT)
                .forPath(connection.path(path), bytes(content));
    }

    @Override
    public void set(String path, String content) throws Exception {
        curator.setData().forPath(connection.path(path), bytes(content));
    }

    @Override
    public void delete(String path) throws Exception {
        curator.delete().quietly().forPath(connection.path(path));
    }

    @Override
    public void deleteTree(String path) throws Exception {
        curator.delete().quietly().deletingChildrenIfNeeded().forPath(connection.path(path));
    }

    @Override
    public Optional<String> read(String path) throws Exception {
        try {
            byte[] content = curator.getData().forPath(connection.path(path));
            return Optional.of(new String(content, StandardCharsets.UTF_8));
        } catch (KeeperException.NoNodeException absent) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Content> readWithVersion(String path) throws Exception {
        try {
            Stat stat = new Stat();
            byte[] content = curator.getData().storingStatIn(stat).forPath(connection.path(path));
            return Optional.of(
                    new Content(new String(content, StandardCharsets.UTF_8), stat.getVersion()));
        } catch (KeeperException.NoNodeException absent) {
            return Optional.empty();
        }
    }

    @Override
    public long session() throws Exception {
        return connection.sessionId();
    }

    @Override
    public boolean isOfThisSession(String path) throws Exception {
        Stat stat = curator.checkExists().forPath(connection.path(path));
        return stat != null && stat.getEphemeralOwner() == connection.sessionId();
    }

    @Override
    public List<String> children(String folder) throws Exception {
        try {
            return curator.getChildren().forPath(connection.path(folder));
        } catch (KeeperException.NoNodeException absent) {
            return List.of();
        }
    }

    @Override
    public void commit(List<Write> writes) throws Exception {
        List<CuratorOp> operations = new ArrayList<>();
        for (Write write : writes) {
            operations.add(operation(write));
        }
        curator.transaction().forOperations(operations);
    }

    private CuratorOp operation(Write write) throws Exception {
        TransactionOp operation = curator.transactionOp();
        String path = connection.path(write.path());
        return switch (write) {
            case Write.Check check -> operation.check().forPath(path);
            case Write.Create create -> operation.create().forPath(path, bytes(create.content()));
            case Write.Replace replace ->
                    operation
                            .setData()
                            .withVersion(replace.version())
                            .forPath(path, bytes(replace.content()));
            case Write.Delete delete -> operation.delete().forPath(path);
        };
    }

    private static byte[] bytes(String content) {
        return content.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Latch latch() {
        return latch;
    }

    /** Curator's latch; what it believes is a hint, and its node is what counts. */
    private final class QueueForAuthority implements Latch {

        private final MemberName self;

        /** Joined by the member's own loop only; left by whoever sees that it is lost. */
        private final AtomicReference<@Nullable LeaderLatch> joined = new AtomicReference<>();

        QueueForAuthority(MemberName self) {
            this.self = self;
        }

        @Override
        public boolean join(Duration patience) throws Exception {
            LeaderLatch known = joined.get();
            if (known == null) {
                LeaderLatch fresh =
                        new LeaderLatch(curator, connection.path("latch"), self.value());
                fresh.start();
                joined.set(fresh);
                known = fresh;
            }
            return known.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void leave() {
            LeaderLatch left = joined.getAndSet(null);
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

        @Override
        public Optional<String> path() {
            LeaderLatch known = joined.get();
            String prefix = connection.path("");
            return known == null
                    ? Optional.empty()
                    : Optional.ofNullable(known.getOurPath())
                            .map(path -> path.substring(prefix.length()));
        }
    }
}
