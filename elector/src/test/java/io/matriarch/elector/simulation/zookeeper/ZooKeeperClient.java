package io.matriarch.elector.simulation.zookeeper;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.cluster.WatchedCluster;
import io.matriarch.elector.simulation.model.Host;
import io.matriarch.elector.simulation.model.Network;
import io.matriarch.elector.simulation.model.World;
import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble.Node;
import io.matriarch.elector.simulation.zookeeper.Ensemble.Session;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * One sidecar's connection to ZooKeeper, as Curator keeps it: it goes from server to server, gives
 * up calls when the connection breaks, tries each once more, and makes a new session when the old
 * one has expired.
 */
public final class ZooKeeperClient implements Nodes {

    private static final long CONNECTION_PATIENCE = 2 * VirtualTime.SECONDS;
    private static final long RETRY = 100 * VirtualTime.MILLIS;

    /** What is lost on a connection that lives is sent again. */
    private static final long RESEND = 120 * VirtualTime.MILLIS;

    /** What is asked of the servers; at the leader for a write. */
    @FunctionalInterface
    interface Question<T> {
        T ask(int server, Session session) throws KeeperException;
    }

    private final VirtualTime time;
    private final Chance chance;
    private final Network network;
    private final Ensemble ensemble;
    private final Lifetime life;
    private final int host;
    private final Host own;
    private final long timeout;
    private final Picture picture;
    private final LatchModel latch;
    private final Set<Call<?>> pending = new LinkedHashSet<>();
    private final List<Lifetime.Gate> waitingForConnection = new ArrayList<>();

    private @Nullable Session session;
    private int server = -1;
    private int next;
    private long connections;
    private long lastHeard;
    private long lostAt = -1;
    private final ArrayDeque<String> news = new ArrayDeque<>();

    public ZooKeeperClient(World world, Host host, Lifetime life, Runnable onChange) {
        this.time = world.time();
        this.chance = world.chance();
        this.network = world.network();
        this.ensemble = world.ensemble();
        this.life = life;
        this.host = host.number();
        this.own = host;
        this.timeout = world.plan().lease().session().toMillis() * VirtualTime.MILLIS;
        this.picture = new Picture(this, onChange);
        this.latch = new LatchModel(this, ensemble, life, time);
        this.next = chance.below(Ensemble.SERVERS);
        ensemble.register(this);
        connect();
    }

    public WatchedCluster picture() {
        return picture;
    }

    boolean isConnected() {
        return server >= 0;
    }

    Host host() {
        return own;
    }

    boolean isDead() {
        return life.isDead();
    }

    @Nullable Session present() {
        return session;
    }

    long timeout() {
        return timeout;
    }

    /** How long it takes until all of the client knows of a new session. */
    long moment() {
        return chance.between(0, chance.once(4) ? 150 * VirtualTime.MILLIS : 2_000);
    }

    // The connection.

    private void connect() {
        int to = next;
        next = (next + 1) % Ensemble.SERVERS;
        long there = network.delay(host, network.server(to));
        life.after(
                there + network.delay(network.server(to), host),
                () -> {
                    boolean isThere =
                            ensemble.isServing(to)
                                    && network.isOpen(host, network.server(to))
                                    && network.isOpen(network.server(to), host);
                    if (isThere) {
                        onConnected(to);
                    } else {
                        life.after(chance.between(50, 400) * VirtualTime.MILLIS, this::connect);
                    }
                });
    }

    private void onConnected(int to) {
        server = to;
        connections++;
        news.clear();
        lastHeard = time.now();
        Session known = session;
        // The client believes it ended, too, when it was away for so long; the servers may not.
        boolean isGivenUp = lostAt >= 0 && time.now() - lostAt >= timeout;
        if (known == null || known.isExpired() || isGivenUp) {
            session = ensemble.open(this, timeout);
            latch.onNewSession();
        } else {
            ensemble.resume(known);
        }
        long connection = connections;
        life.after(
                chance.between(3, 40) * VirtualTime.MILLIS,
                () -> {
                    if (connection == connections && isConnected()) {
                        picture.load(ensemble.all());
                    }
                });
        ping(connection);
        watchForSilence(connection);
        picture.onConnectionChanged();
        List<Lifetime.Gate> waiting = List.copyOf(waitingForConnection);
        waitingForConnection.clear();
        waiting.forEach(Lifetime.Gate::open);
    }

    private void ping(long connection) {
        if (connection != connections || !isConnected()) {
            return;
        }
        exchange(connection);
        life.after(timeout / 4, () -> ping(connection));
    }

    /** A client that hears nothing for two thirds of the session's time goes elsewhere. */
    private void watchForSilence(long connection) {
        if (connection != connections || !isConnected()) {
            return;
        }
        long silentAt = lastHeard + timeout * 2 / 3;
        if (time.now() >= silentAt) {
            disconnect();
            return;
        }
        life.after(silentAt - time.now(), () -> watchForSilence(connection));
    }

    private void disconnect() {
        if (!isConnected()) {
            return;
        }
        server = -1;
        lostAt = time.now();
        picture.onConnectionChanged();
        List<Call<?>> lost = List.copyOf(pending);
        pending.clear();
        lost.forEach(
                call -> call.fail(KeeperException.create(KeeperException.Code.CONNECTIONLOSS)));
        life.after(chance.between(20, 150) * VirtualTime.MILLIS, this::connect);
    }

    /** The servers have closed the connection: of one server, or all of them. */
    void onServerGone(int gone) {
        int at = server;
        if (at >= 0 && (gone < 0 || gone == at)) {
            long connection = connections;
            life.after(
                    network.delay(network.server(at), host),
                    () -> {
                        if (connection == connections) {
                            disconnect();
                        }
                    });
        }
    }

    void onExpired(Session expired) {
        if (expired == session) {
            onServerGone(server);
        }
    }

    void onChange(String path) {
        int at = server;
        if (at < 0 || life.isDead()) {
            return;
        }
        news.add(path);
        long connection = connections;
        long lag = ensemble.isInTouch(at) ? ensemble.lagOf(at) : 0;
        time.after(
                lag + 1 + network.delay(network.server(at), host), () -> bringNews(connection, at));
    }

    /** What has changed is told in the order of the changes, and late if it must be sent again. */
    private void bringNews(long connection, int at) {
        if (connection != connections || server != at || news.isEmpty()) {
            return;
        }
        if (!network.isOpen(network.server(at), host) || !ensemble.isInTouch(at)) {
            time.after(RESEND, () -> bringNews(connection, at));
            return;
        }
        String path = news.poll();
        Node seen = ensemble.newest(path);
        life.run(() -> picture.show(path, seen));
    }

    // Calls.

    /** A sign of life, and its answer. */
    private void exchange(long connection) {
        int to = server;
        Session own = session;
        if (own == null || !network.isOpen(host, network.server(to))) {
            return;
        }
        time.after(
                network.delay(host, network.server(to)),
                () -> {
                    if (!ensemble.isServing(to) || own.isExpired()) {
                        return;
                    }
                    ensemble.touch(to, own);
                    time.after(
                            network.delay(network.server(to), host),
                            () -> {
                                if (connection == connections
                                        && network.isOpen(network.server(to), host)) {
                                    lastHeard = time.now();
                                }
                            });
                });
    }

    private final class Call<T> {
        private final Lifetime.Gate answered = life.gate();
        private @Nullable T answer;
        private @Nullable KeeperException trouble;

        void fail(KeeperException why) {
            trouble = why;
            answered.open();
        }

        /** Takes the question to the servers; it may take effect although no answer comes. */
        void send(boolean isWrite, Question<T> question) {
            int to = server;
            Session own = session;
            if (own == null) {
                return;
            }
            long connection = connections;
            if (!network.isOpen(host, network.server(to))) {
                life.after(
                        RESEND,
                        () -> {
                            if (connection == connections && isConnected()) {
                                send(isWrite, question);
                            }
                        });
                return;
            }
            time.after(
                    network.delay(host, network.server(to)),
                    () -> {
                        if (!ensemble.isServing(to)) {
                            return;
                        }
                        ensemble.touch(to, own);
                        time.after(
                                isWrite ? ensemble.writeDelay() : 50,
                                () -> arrive(to, own, connection, isWrite, question));
                    });
        }

        private void arrive(
                int to, Session own, long connection, boolean isWrite, Question<T> question) {
            // What the leader has got takes effect, whatever has become of the server it came
            // through.
            if (isWrite ? !ensemble.hasLeader() : !ensemble.isServing(to)) {
                return;
            }
            if (isWrite && !ensemble.isInTouch(to)) {
                time.after(RESEND, () -> arrive(to, own, connection, isWrite, question));
                return;
            }
            T found;
            try {
                if (isWrite) {
                    ensemble.begin(own);
                }
                found = question.ask(to, own);
            } catch (KeeperException refusal) {
                back(to, connection, () -> fail(refusal));
                return;
            }
            back(
                    to,
                    connection,
                    () -> {
                        answer = found;
                        answered.open();
                    });
        }

        private void back(int to, long connection, Runnable end) {
            long lag = ensemble.isInTouch(to) ? ensemble.lagOf(to) : 0;
            time.after(
                    lag + network.delay(network.server(to), host),
                    () -> {
                        boolean isCurrent = connection == connections && server == to;
                        if (isCurrent && !network.isOpen(network.server(to), host)) {
                            time.after(RESEND, () -> back(to, connection, end));
                        } else if (isCurrent) {
                            lastHeard = time.now();
                            life.run(() -> {
                                if (pending.remove(this)) {
                                    end.run();
                                }
                            });
                        }
                    });
        }
    }

    private <T> T once(boolean isWrite, Question<T> question) throws KeeperException {
        if (!isConnected()) {
            Lifetime.Gate connected = life.gate();
            waitingForConnection.add(connected);
            if (!connected.await(CONNECTION_PATIENCE)) {
                waitingForConnection.remove(connected);
                throw KeeperException.create(KeeperException.Code.CONNECTIONLOSS);
            }
        }
        Call<T> call = new Call<>();
        pending.add(call);
        call.send(isWrite, question);
        boolean isAnswered = false;
        while (!isAnswered) {
            isAnswered = call.answered.await(VirtualTime.SECONDS * 3600);
        }
        if (call.trouble != null) {
            throw call.trouble;
        }
        T answer = call.answer;
        if (answer == null) {
            throw new IllegalStateException("an answer without content");
        }
        return answer;
    }

    <T> T ask(boolean isWrite, Question<T> question) throws KeeperException {
        try {
            return once(isWrite, question);
        } catch (KeeperException.ConnectionLossException
                | KeeperException.SessionExpiredException lost) {
            life.sleep(RETRY);
            return once(isWrite, question);
        }
    }

    private boolean write(Question<Boolean> question) throws KeeperException {
        return ask(true, question);
    }

    @Override
    public void create(String path, String content, Nodes.Life stays) throws KeeperException {
        write((at, own) -> {
            ensemble.create(path, content, stays == Nodes.Life.OF_SESSION ? own : null);
            return true;
        });
    }

    @Override
    public void set(String path, String content) throws KeeperException {
        write((at, own) -> {
            ensemble.replace(path, content, -1);
            return true;
        });
    }

    @Override
    public void delete(String path) throws KeeperException {
        write((at, own) -> {
            if (ensemble.newest(path) != null) {
                ensemble.delete(path);
            }
            return true;
        });
    }

    @Override
    public void deleteTree(String path) throws KeeperException {
        for (String node : ask(false, (at, own) -> ensemble.below(at, path + "/"))) {
            delete(node);
        }
    }

    @Override
    public Optional<String> read(String path) throws KeeperException {
        return ask(
                false,
                (at, own) -> Optional.ofNullable(ensemble.seenFrom(at, path)).map(Node::content));
    }

    @Override
    public Optional<Content> readWithVersion(String path) throws KeeperException {
        return ask(
                false,
                (at, own) ->
                        Optional.ofNullable(ensemble.seenFrom(at, path))
                                .map(node -> new Content(node.content(), node.version())));
    }

    @Override
    public long session() {
        Session known = session;
        return known == null ? 0 : known.number();
    }

    @Override
    public boolean isOfThisSession(String path) throws KeeperException {
        return ask(
                false,
                (at, own) -> {
                    Node node = ensemble.seenFrom(at, path);
                    return node != null && node.owner() == own;
                });
    }

    @Override
    public List<String> children(String folder) throws KeeperException {
        int prefix = folder.length() + 1;
        return ask(false, (at, own) -> ensemble.below(at, folder + "/")).stream()
                .map(path -> path.substring(prefix))
                .map(path -> path.indexOf('/') < 0 ? path : path.substring(0, path.indexOf('/')))
                .distinct()
                .toList();
    }

    @Override
    public void commit(List<Write> writes) throws KeeperException {
        write((at, own) -> {
            new Transaction(ensemble).commit(writes);
            return true;
        });
    }

    @Override
    public Latch latch() {
        return latch;
    }
}
