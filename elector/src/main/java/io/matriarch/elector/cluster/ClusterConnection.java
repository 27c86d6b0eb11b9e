package io.matriarch.elector.cluster;

import io.matriarch.elector.situation.AmbassadorReport;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.RunningBackup;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one cluster's folder in ZooKeeper, with a picture of it that follows every
 * change. An operator's tool uses this class alone; a member uses {@link Membership} on top of it.
 */
public final class ClusterConnection implements WatchedCluster, AutoCloseable {

    private static final int WRITE_PATIENCE_MILLIS = 2000;

    private final ZooKeeperSettings settings;
    private final Runnable onChange;
    private final CuratorFramework curator;
    private final CountDownLatch loaded = new CountDownLatch(1);
    private final AtomicReference<@Nullable Picture> picture = new AtomicReference<>();
    private volatile boolean isConnected;

    /**
     * @param onChange called on ZooKeeper's own thread after every change: it must only wake
     *     somebody
     */
    public ClusterConnection(ZooKeeperSettings settings, Runnable onChange) {
        this.settings = settings;
        this.onChange = onChange;
        this.curator =
                CuratorFrameworkFactory.builder()
                        .connectString(settings.connect())
                        .sessionTimeoutMs(Math.toIntExact(settings.session().toMillis()))
                        .connectionTimeoutMs(WRITE_PATIENCE_MILLIS)
                        .retryPolicy(new RetryOneTime(100))
                        // A short loss of the connection is no loss of the session, so the latch
                        // must not be left for it; the deadline of the lease is what counts.
                        .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                        .ensembleTracker(false)
                        .build();
    }

    /** Begins to connect, and goes on trying until closed. */
    public ClusterConnection open() {
        curator.getConnectionStateListenable().addListener((client, state) -> onState(state));
        curator.start();
        return this;
    }

    /** A new picture with every connection, so that nothing missed meanwhile stays missed. */
    private void onState(ConnectionState state) {
        isConnected = isConnected(state);
        if (isConnected) {
            Picture.begin(curator, settings.root(), onChange, this::show);
        }
        onChange.run();
    }

    private void show(Picture fresh) {
        Picture stale = picture.getAndSet(fresh);
        if (stale != null) {
            stale.close();
        }
        loaded.countDown();
        onChange.run();
    }

    private static boolean isConnected(ConnectionState state) {
        return switch (state) {
            case CONNECTED, RECONNECTED -> true;
            case SUSPENDED, LOST, READ_ONLY -> false;
        };
    }

    /** Waits until the picture is complete for the first time; false if that takes too long. */
    public boolean awaitLoaded(Duration patience) throws InterruptedException {
        return loaded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isConnected() {
        return isConnected;
    }

    @Override
    public Duration negotiatedSession() {
        try {
            return Duration.ofMillis(
                    curator.getZookeeperClient().getZooKeeper().getSessionTimeout());
        } catch (Exception e) { // Curator declares no less
            return Duration.ZERO;
        }
    }

    /** This connection's nodes, as one member reads and writes them. */
    public Nodes nodes(MemberName member) {
        return new CuratorNodes(this, member);
    }

    /** The number of the present session, by which its ephemeral nodes are known. */
    long sessionId() throws Exception {
        return curator.getZookeeperClient().getZooKeeper().getSessionId();
    }

    @Override
    public Optional<ClusterView> view() {
        Picture seen = picture.get();
        if (seen == null) {
            return Optional.empty();
        }
        Optional<ChildData> state = seen.node(path(ClusterView.STATE));
        return Optional.of(
                new ClusterView(
                        state.flatMap(data -> seen.read(data, ClusterState.class)).orElse(null),
                        state.map(data -> data.getStat().getVersion()).orElse(-1),
                        children(seen, ClusterView.MEMBERS, MemberStatus.class),
                        children(seen, "ballots", Ballot.class),
                        latch(seen),
                        seen.node(path(ClusterView.RENEWAL))
                                .flatMap(data -> seen.read(data, Renewal.class))
                                .orElse(null),
                        unreadable(seen)));
    }

    /** A ballot that cannot be read is none; what is listed here must not be taken for absent. */
    private Map<String, String> unreadable(Picture seen) {
        Map<String, String> found = new TreeMap<>();
        seen.node(path(ClusterView.STATE))
                .ifPresent(it -> judge(seen, it, ClusterState.class, found));
        seen.below(path(ClusterView.MEMBERS))
                .forEach(it -> judge(seen, it, MemberStatus.class, found));
        // It is empty until the first renewal.
        seen.node(path(ClusterView.RENEWAL))
                .filter(it -> it.getData().length > 0)
                .ifPresent(it -> judge(seen, it, Renewal.class, found));
        return found;
    }

    private void judge(
            Picture seen, ChildData node, Class<?> type, Map<String, String> unreadable) {
        seen.whyUnreadable(node, type)
                .ifPresent(why -> unreadable.put(node.getPath().substring(path("").length()), why));
    }

    private List<MemberName> latch(Picture seen) {
        return seen.below(path("latch")).stream()
                .sorted(Comparator.comparing(ClusterConnection::sequence))
                .map(data -> new String(data.getData(), StandardCharsets.UTF_8))
                .filter(name -> !name.isEmpty())
                .map(MemberName::new)
                .toList();
    }

    private static String sequence(ChildData data) {
        return data.getPath().substring(data.getPath().lastIndexOf('-') + 1);
    }

    /**
     * A name for this cluster that no copy of its data takes along, made up when first asked for.
     * The archive is claimed in this name.
     */
    public String archiveOwner() {
        return madeUpOnce(path("owner"), UUID.randomUUID().toString());
    }

    /**
     * What proves to a member that a primary's appeal, and to the primary that a vow, comes from
     * within the cluster. Made up when first asked for.
     */
    public String vowSecret() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return madeUpOnce(path("vow-secret"), HexFormat.of().formatHex(random));
    }

    private String madeUpOnce(String path, String fresh) {
        return writing(
                path,
                () -> {
                    if (curator.checkExists().forPath(path) == null) {
                        createUnlessThere(path, fresh);
                    }
                    return new String(curator.getData().forPath(path), StandardCharsets.UTF_8);
                });
    }

    private void createUnlessThere(String path, String fresh) throws Exception {
        try {
            curator.create()
                    .creatingParentsIfNeeded()
                    .forPath(path, fresh.getBytes(StandardCharsets.UTF_8));
        } catch (KeeperException.NodeExistsException e) {
            // Another member was faster, and its word counts.
            return;
        }
    }

    @Override
    public List<Request> requests() {
        Picture seen = picture.get();
        if (seen == null) {
            return List.of();
        }
        return seen.below(path("requests")).stream()
                .sorted(Comparator.comparingLong(data -> data.getStat().getCzxid()))
                .flatMap(data -> seen.read(data, Request.class).stream())
                .toList();
    }

    /** Past changes of primary, oldest first. */
    public List<Change> history() {
        return children("history", Change.class);
    }

    /** Asks the cluster for something. */
    public void ask(Request request) {
        writing(
                "requests/" + request.id(),
                () ->
                        curator.create()
                                .creatingParentsIfNeeded()
                                .forPath(
                                        path("requests/" + request.id()),
                                        ClusterJson.bytes(request)));
    }

    @Override
    public void answer(Request request) {
        writing(
                "requests/" + request.id(),
                () -> {
                    try {
                        return curator.setData()
                                .forPath(
                                        path("requests/" + request.id()),
                                        ClusterJson.bytes(request));
                    } catch (KeeperException.NoNodeException gone) {
                        return gone;
                    }
                });
    }

    /**
     * Writes a request's next step, unless somebody else has written since {@code before} was read.
     *
     * @return whether it is written
     */
    public boolean replace(Request before, Request after) {
        String path = path("requests/" + before.id());
        return writing(
                path,
                () -> {
                    try {
                        Stat stat = new Stat();
                        byte[] now = curator.getData().storingStatIn(stat).forPath(path);
                        boolean isSame =
                                ClusterJson.read(now, Request.class)
                                        .filter(before::equals)
                                        .isPresent();
                        if (isSame) {
                            curator.setData()
                                    .withVersion(stat.getVersion())
                                    .forPath(path, ClusterJson.bytes(after));
                        }
                        return isSame;
                    } catch (KeeperException.NoNodeException
                            | KeeperException.BadVersionException changed) {
                        return false;
                    }
                });
    }

    /** A request as ZooKeeper has it this moment, not as last seen; empty if it is withdrawn. */
    public Optional<Request> readRequest(String id) {
        String path = path("requests/" + id);
        return writing(
                path,
                () -> {
                    try {
                        curator.sync().forPath(path);
                        return ClusterJson.read(curator.getData().forPath(path), Request.class);
                    } catch (KeeperException.NoNodeException gone) {
                        return Optional.empty();
                    }
                });
    }

    /** The base backups that are being taken. */
    public List<RunningBackup> runningBackups() {
        return children("backups", RunningBackup.class);
    }

    /** Tells how far a backup has come, for as long as this session lives. */
    public void publish(RunningBackup backup) {
        publish(path("backups/" + backup.member()), ClusterJson.bytes(backup));
    }

    /** Tells what an ambassador has to say, for as long as this session lives. */
    public void publish(AmbassadorReport report) {
        publish(path("ambassadors/" + report.id()), ClusterJson.bytes(report));
    }

    @Override
    public List<AmbassadorReport> ambassadors() {
        return children("ambassadors", AmbassadorReport.class);
    }

    private void publish(String path, byte[] bytes) {
        writing(
                path,
                () -> {
                    try {
                        curator.setData().forPath(path, bytes);
                    } catch (KeeperException.NoNodeException absent) {
                        curator.create()
                                .creatingParentsIfNeeded()
                                .withMode(CreateMode.EPHEMERAL)
                                .forPath(path, bytes);
                    }
                    return path;
                });
    }

    /** The member takes no backup any more. */
    public void unpublishBackup(MemberName member) {
        String path = path("backups/" + member);
        writing(path, () -> curator.delete().quietly().forPath(path));
    }

    public void withdraw(String id) {
        writing("requests/" + id, () -> curator.delete().quietly().forPath(path("requests/" + id)));
    }

    private <T> List<T> children(String folder, Class<T> type) {
        Picture seen = picture.get();
        return seen == null ? List.of() : children(seen, folder, type);
    }

    private <T> List<T> children(Picture seen, String folder, Class<T> type) {
        return seen.below(path(folder)).stream()
                .flatMap(data -> seen.read(data, type).stream())
                .toList();
    }

    CuratorFramework curator() {
        return curator;
    }

    String path(String relative) {
        return settings.root() + "/" + relative;
    }

    /** A call of Curator, which may throw anything. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws Exception;
    }

    static <T> T writing(String what, Call<T> call) {
        try {
            return call.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException(what + " was interrupted", e);
        } catch (Exception e) { // Curator declares no less
            throw new ClusterException(what + " could not be written to ZooKeeper", e);
        }
    }

    @Override
    public void close() {
        Picture last = picture.getAndSet(null);
        if (last != null) {
            last.close();
        }
        curator.close();
    }
}
