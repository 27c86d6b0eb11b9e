package io.matriarch.elector.simulation.zookeeper;

import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.VirtualTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper: three servers, one of them the leader. The leader counts sessions by its own clock,
 * and expires them on its ticks; a follower keeps the touches of its clients to itself until the
 * leader asks, once or twice in a tick, and takes them with it when it dies. A new leader starts
 * all clocks anew.
 */
public final class Ensemble {

    public static final int SERVERS = 3;

    /** After so many ticks a follower without its leader serves nobody. */
    private static final int SYNC_LIMIT = 5;

    /**
     * What a node says, and said before.
     *
     * @param before what a server shows that lags behind; absent if there was no node
     */
    record Node(
            String path,
            Text text,
            int version,
            @Nullable Session owner,
            long created,
            long changed,
            @Nullable Node before) {

        String content() {
            return text.content;
        }
    }

    /** What a node says, and what that means, which is made out once. */
    static final class Text {
        private final String content;
        private @Nullable Object value;

        Text(String content) {
            this.content = content;
        }

        Object value(Function<Node, Object> reading, Node node) {
            Object known = value;
            if (known == null) {
                known = reading.apply(node);
                value = known;
            }
            return known;
        }
    }

    /** A session, as the servers know it. */
    public static final class Session {
        private final long number;
        private final long timeout;
        private long expiry;
        private boolean isExpired;
        private @Nullable ZooKeeperClient client;

        Session(long number, long timeout) {
            this.number = number;
            this.timeout = timeout;
        }

        public boolean isExpired() {
            return isExpired;
        }

        long number() {
            return number;
        }

        /** The host whose sidecar made it; absent before it has. */
        public @Nullable Host host() {
            return client == null ? null : client.host();
        }

        @Override
        public String toString() {
            return "session " + number;
        }
    }

    private final VirtualTime time;
    private final Chance chance;
    private final long tick;
    private final double rate;
    private final TreeMap<String, Node> nodes = new TreeMap<>();
    private final TreeMap<String, Node> removed = new TreeMap<>();
    private final List<ZooKeeperClient> clients = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private final List<Set<Session>> touched = new ArrayList<>();
    private final boolean[] isUp = {true, true, true};
    private final long[] lag = new long[SERVERS];
    private final long[] cutSince = {-1, -1, -1};
    private final World world;
    private int leader;
    private boolean isServing = true;
    private long writes;
    private long sequence;
    private long slowness;
    private final long phase;

    /**
     * @param tick of the servers' configuration
     * @param rate how fast the leader's clock runs
     * @param world told of what is written, and just before a session's nodes go
     */
    public Ensemble(VirtualTime time, Chance chance, long tick, double rate, World world) {
        this.time = time;
        this.chance = chance;
        this.tick = tick;
        this.rate = rate;
        this.world = world;
        for (int server = 0; server < SERVERS; server++) {
            touched.add(new HashSet<>());
            lag[server] = chance.between(0, chance.once(4) ? 150_000 : 3_000);
        }
        leader = chance.below(SERVERS);
        phase = chance.between(0, tick - 1);
        tick();
        time.after(chance.between(1, tick / 2), this::collectTouches);
    }

    // Servers.

    boolean isServing(int server) {
        boolean hasGivenUp = isCutOff(server) && time.now() - cutSince[server] >= SYNC_LIMIT * tick;
        return isServing && isUp[server] && !hasGivenUp;
    }

    boolean hasLeader() {
        return isServing;
    }

    /** A server dies, with what it had not passed on. */
    public void kill(int server) {
        isUp[server] = false;
        touched.get(server).clear();
        for (ZooKeeperClient client : clients) {
            client.onServerGone(server);
        }
        if (server == leader || !hasQuorum()) {
            elect();
        }
    }

    public void restart(int server) {
        isUp[server] = true;
        if (!isServing && hasQuorum()) {
            elect();
        }
    }

    /**
     * A follower that the leader does not hear: for a few ticks it goes on answering questions from
     * what it has, and then gives up.
     */
    public void cutOff(int server, boolean isCut) {
        if (!isCut) {
            cutSince[server] = -1;
            // What waited on the way comes at once, and the touches with it.
            touched.get(server).forEach(this::touch);
            touched.get(server).clear();
            return;
        }
        if (server == leader) {
            return;
        }
        cutSince[server] = time.now();
        time.after(
                SYNC_LIMIT * tick,
                () -> {
                    if (cutSince[server] >= 0
                            && time.now() - cutSince[server] >= SYNC_LIMIT * tick) {
                        for (ZooKeeperClient client : clients) {
                            client.onServerGone(server);
                        }
                    }
                });
    }

    private boolean isCutOff(int server) {
        return server != leader && cutSince[server] >= 0;
    }

    /** Whether a write that came to this server reaches the leader. */
    boolean isInTouch(int server) {
        return !isCutOff(server);
    }

    /** Makes every write take so much longer; negative to undo that. */
    public void slow(long micros) {
        slowness += micros;
    }

    private boolean hasQuorum() {
        int up = 0;
        for (boolean server : isUp) {
            up += server ? 1 : 0;
        }
        return up * 2 > SERVERS;
    }

    /** While there is no leader nobody is served, and connections are closed. */
    public void elect() {
        isServing = false;
        for (ZooKeeperClient client : clients) {
            client.onServerGone(-1);
        }
        time.after(
                chance.between(200 * VirtualTime.MILLIS, 1200 * VirtualTime.MILLIS),
                this::electionEnds);
    }

    private void electionEnds() {
        if (isServing || !hasQuorum()) {
            return;
        }
        do {
            leader = chance.below(SERVERS);
        } while (!isUp[leader]);
        isServing = true;
        for (Session session : sessions) {
            touch(session);
        }
    }

    // Sessions.

    private long leaderClock() {
        return phase + (long) (time.now() * rate);
    }

    private void touch(Session session) {
        long end = leaderClock() + session.timeout;
        session.expiry = Math.max(session.expiry, (end / tick + 1) * tick);
    }

    /** A packet of this session has come to a server. */
    void touch(int server, Session session) {
        if (server == leader) {
            touch(session);
        } else {
            touched.get(server).add(session);
        }
    }

    private void collectTouches() {
        time.after(chance.between(tick / 2, tick * 98 / 100), this::collectTouches);
        if (!isServing) {
            return;
        }
        for (int server = 0; server < SERVERS; server++) {
            if (server != leader && isUp[server] && !isCutOff(server)) {
                touched.get(server).forEach(this::touch);
                touched.get(server).clear();
            }
        }
    }

    private void tick() {
        // Sessions end in groups, just when the time of their group has come.
        long left = tick - leaderClock() % tick;
        time.after((long) (left / rate) + 1, this::tick);
        if (!isServing) {
            return;
        }
        for (int i = sessions.size() - 1; i >= 0; i--) {
            Session session = sessions.get(i);
            if (session.expiry <= leaderClock()) {
                sessions.remove(i);
                expire(session);
            }
        }
    }

    private void expire(Session session) {
        world.onExpiry(session);
        session.isExpired = true;
        writes++;
        for (Node node : List.copyOf(nodes.values())) {
            if (node.owner() == session) {
                remove(node);
            }
        }
        if (session.client != null) {
            session.client.onExpired(session);
        }
    }

    Session open(ZooKeeperClient client, long timeout) {
        Session session = new Session(++sequence, timeout);
        session.client = client;
        touch(session);
        sessions.add(session);
        return session;
    }

    void resume(Session session) {
        touch(session);
    }

    void register(ZooKeeperClient client) {
        clients.removeIf(ZooKeeperClient::isDead);
        clients.add(client);
    }

    // Nodes. All of this happens at the leader, in one order.

    long writeDelay() {
        return chance.between(300, 2_000) + slowness;
    }

    long lagOf(int server) {
        if (isCutOff(server)) {
            return time.now() - cutSince[server] + lag[server];
        }
        return server == leader ? 0 : lag[server];
    }

    /** Whether the first in the queue for the authority is there by this session. */
    public boolean isFirstInQueue(Session session) {
        Node first = null;
        for (Node node : nodes.tailMap("latch/").values()) {
            if (!node.path().startsWith("latch/")) {
                break;
            }
            if (first == null || number(node).compareTo(number(first)) < 0) {
                first = node;
            }
        }
        return first != null && first.owner() == session;
    }

    /** Whether a session of this host stands in the queue for the authority. */
    public boolean isInQueue(Host host) {
        for (Node node : nodes.tailMap("latch/").values()) {
            if (!node.path().startsWith("latch/")) {
                return false;
            }
            Session owner = node.owner();
            if (owner != null && host.equals(owner.host())) {
                return true;
            }
        }
        return false;
    }

    private static String number(Node node) {
        return node.path().substring(node.path().lastIndexOf('-') + 1);
    }

    public boolean exists(String path) {
        return nodes.containsKey(path);
    }

    @Nullable Node newest(String path) {
        return nodes.get(path);
    }

    /** What a server shows, which may be what was a moment ago. */
    @Nullable Node seenFrom(int server, String path) {
        Node node = nodes.get(path);
        long since = time.now() - lagOf(server);
        if (node == null) {
            Node gone = removed.get(path);
            return gone != null && gone.changed() > since ? gone.before() : null;
        }
        return node.changed() > since ? node.before() : node;
    }

    /** The paths that begin so, in their order. */
    List<String> below(int server, String prefix) {
        List<String> found = new ArrayList<>();
        addBelow(nodes, server, prefix, found);
        addBelow(removed, server, prefix, found);
        return found;
    }

    private void addBelow(
            NavigableMap<String, Node> from, int server, String prefix, List<String> found) {
        for (Map.Entry<String, Node> entry : from.tailMap(prefix, true).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                return;
            }
            if (!found.contains(entry.getKey()) && seenFrom(server, entry.getKey()) != null) {
                found.add(entry.getKey());
            }
        }
    }

    Iterable<Node> all() {
        return nodes.values();
    }

    void begin(Session session) throws KeeperException {
        if (session.isExpired) {
            throw KeeperException.create(KeeperException.Code.SESSIONEXPIRED);
        }
        writes++;
    }

    public void create(String path, String content, @Nullable Session owner)
            throws KeeperException {
        if (nodes.containsKey(path)) {
            throw KeeperException.create(KeeperException.Code.NODEEXISTS);
        }
        put(new Node(path, new Text(content), 0, owner, writes, time.now(), null));
    }

    String createNext(String prefix, String content, Session owner) throws KeeperException {
        String path = "%s%010d".formatted(prefix, ++sequence);
        create(path, content, owner);
        return path;
    }

    void replace(String path, String content, int version) throws KeeperException {
        Node node = existing(path);
        if (version >= 0 && node.version() != version) {
            throw KeeperException.create(KeeperException.Code.BADVERSION);
        }
        put(
                new Node(
                        path,
                        new Text(content),
                        node.version() + 1,
                        node.owner(),
                        node.created(),
                        time.now(),
                        withoutPast(node)));
    }

    void delete(String path) throws KeeperException {
        remove(existing(path));
    }

    Node existing(String path) throws KeeperException {
        Node node = nodes.get(path);
        if (node == null) {
            throw KeeperException.create(KeeperException.Code.NONODE);
        }
        return node;
    }

    private static Node withoutPast(Node node) {
        return new Node(
                node.path(),
                node.text(),
                node.version(),
                node.owner(),
                node.created(),
                node.changed(),
                null);
    }

    private void remove(Node node) {
        nodes.remove(node.path());
        removed.put(
                node.path(),
                new Node(
                        node.path(),
                        new Text(""),
                        0,
                        null,
                        node.created(),
                        time.now(),
                        withoutPast(node)));
        tellOf(node.path());
    }

    private void put(Node node) {
        nodes.put(node.path(), node);
        world.onWritten(node.path(), node.content());
        tellOf(node.path());
    }

    private void tellOf(String path) {
        for (ZooKeeperClient client : clients) {
            client.onChange(path);
        }
    }
}
