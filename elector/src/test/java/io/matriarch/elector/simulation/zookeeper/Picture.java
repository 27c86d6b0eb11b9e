package io.matriarch.elector.simulation.zookeeper;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.cluster.WatchedCluster;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble.Node;
import io.matriarch.elector.situation.AmbassadorReport;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * What one member sees of the nodes: each change comes by itself, late, and not at all while there
 * is no connection.
 */
final class Picture implements WatchedCluster {

    private record Shown(Node node, Object value) {}

    private final ZooKeeperClient client;
    private final Runnable onChange;
    private final TreeMap<String, Shown> nodes = new TreeMap<>();
    private boolean isLoaded;
    private @Nullable ClusterView view;

    Picture(ZooKeeperClient client, Runnable onChange) {
        this.client = client;
        this.onChange = onChange;
    }

    void load(Iterable<Node> all) {
        nodes.clear();
        for (Node node : all) {
            put(node);
        }
        isLoaded = true;
        view = null;
        onChange.run();
    }

    void show(String path, @Nullable Node node) {
        if (!isLoaded) {
            return;
        }
        if (node == null) {
            nodes.remove(path);
        } else {
            put(node);
        }
        view = null;
        if (!path.equals("renewal")) {
            onChange.run();
        }
    }

    private void put(Node node) {
        Shown known = nodes.get(node.path());
        if (known == null || !known.node().equals(node)) {
            nodes.put(node.path(), new Shown(node, node.text().value(Picture::value, node)));
        }
    }

    private static Object value(Node node) {
        String path = node.path();
        if (path.equals("state")) {
            return read(node, ClusterState.class);
        }
        if (path.startsWith("members/")) {
            return read(node, MemberStatus.class);
        }
        if (path.startsWith("ballots/")) {
            return read(node, Ballot.class);
        }
        if (path.startsWith("requests/")) {
            return read(node, Request.class);
        }
        if (path.equals("renewal")) {
            return ClusterJson.read(node.content(), Renewal.class)
                    .<Object>map(renewal -> renewal)
                    .orElse(node.content());
        }
        return node.content();
    }

    private static <T> T read(Node node, Class<T> type) {
        return ClusterJson.read(node.content(), type)
                .orElseThrow(() -> new IllegalStateException("not readable: " + node));
    }

    void onConnectionChanged() {
        onChange.run();
    }

    /** Clients of the simulation come directly. */
    @Override
    public List<AmbassadorReport> ambassadors() {
        return List.of();
    }

    @Override
    public boolean isConnected() {
        return client.isConnected();
    }

    @Override
    public Duration negotiatedSession() {
        return Duration.ofMillis(client.timeout() / VirtualTime.MILLIS);
    }

    @Override
    public Optional<ClusterView> view() {
        if (!isLoaded) {
            return Optional.empty();
        }
        ClusterView known = view;
        if (known == null) {
            known = build();
            view = known;
        }
        return Optional.of(known);
    }

    private ClusterView build() {
        Shown state = nodes.get("state");
        return new ClusterView(
                state == null ? null : (ClusterState) state.value(),
                state == null ? -1 : state.node().version(),
                below("members/", MemberStatus.class),
                below("ballots/", Ballot.class),
                latch(),
                renewal());
    }

    private @Nullable Renewal renewal() {
        Shown renewal = nodes.get("renewal");
        return renewal != null && renewal.value() instanceof Renewal told ? told : null;
    }

    private List<MemberName> latch() {
        List<Shown> queue = new ArrayList<>();
        for (Shown shown : nodes.tailMap("latch/").values()) {
            if (!shown.node().path().startsWith("latch/")) {
                break;
            }
            queue.add(shown);
        }
        queue.sort(Comparator.comparing(Picture::sequence));
        return queue.stream().map(shown -> new MemberName((String) shown.value())).toList();
    }

    private static String sequence(Shown shown) {
        String path = shown.node().path();
        return path.substring(path.lastIndexOf('-') + 1);
    }

    private <T> List<T> below(String prefix, Class<T> type) {
        List<T> found = new ArrayList<>();
        for (var entry : nodes.tailMap(prefix).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            found.add(type.cast(entry.getValue().value()));
        }
        return found;
    }

    @Override
    public List<Request> requests() {
        List<Shown> asked = new ArrayList<>();
        for (var entry : nodes.tailMap("requests/").entrySet()) {
            if (!entry.getKey().startsWith("requests/")) {
                break;
            }
            asked.add(entry.getValue());
        }
        asked.sort(Comparator.comparingLong(shown -> shown.node().created()));
        return asked.stream().map(shown -> (Request) shown.value()).toList();
    }

    @Override
    public void answer(Request request) {
        try {
            client.set("requests/" + request.id(), ClusterJson.text(request));
        } catch (KeeperException.NoNodeException withdrawn) {
            return;
        } catch (KeeperException trouble) {
            throw new ClusterException("request", trouble);
        }
    }
}
