package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.ConnectionEvent;
import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Order;
import io.matriarch.ambassador.core.Port;
import io.matriarch.ambassador.core.Question;
import io.matriarch.ambassador.core.Switchboard;
import io.matriarch.ambassador.core.SwitchboardStatus;
import io.matriarch.ambassador.view.Route;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.host.BootClock;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the {@link Switchboard}. Connections post to it; it posts orders back.
 * Its queue is bounded by the number of connections, each of which has but a few events in flight.
 */
final class ControlLoop implements Reports {

    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

    /** How fine deadlines are kept. */
    private static final long TICK_MILLIS = 25;

    /** So long others may come to a question, for each takes longer than that. */
    private static final long GATHER_MILLIS = 2;

    private final Switchboard switchboard;
    private final BootClock clock;
    private final RelayListener listener;
    private final Map<ConnectionId, Connection> connections = new HashMap<>();
    private final CountDownLatch empty = new CountDownLatch(1);
    private final DefaultEventExecutor thread =
            new DefaultEventExecutor(new DefaultThreadFactory("ambassador-control", true));
    private Epoch lastDrained = Epoch.NONE;
    private boolean isQuestionDue;
    private boolean isTicking;
    private boolean isEnding;
    private boolean isStatusDue;
    private volatile SwitchboardStatus status;

    ControlLoop(Switchboard switchboard, BootClock clock, RelayListener listener) {
        this.switchboard = switchboard;
        this.clock = clock;
        this.listener = listener;
        this.status = switchboard.status();
    }

    @Override
    public void accepted(Connection connection, Port port) {
        thread.execute(() -> {
            connections.put(connection.id(), connection);
            switchboard.accept(connection.id(), port, clock.now());
            if (isEnding) {
                give(switchboard.shutDown(clock.now()));
            }
            keepTime();
        });
    }

    @Override
    public void report(Connection connection, ConnectionEvent event) {
        thread.execute(() -> {
            give(switchboard.on(connection.id(), event, clock.now()));
            if (event instanceof ConnectionEvent.Ended) {
                connections.remove(connection.id());
                endIfEmpty();
            }
            keepTime();
        });
    }

    /** Puts another table in the present one's place. Returns before it is applied. */
    void change(UnaryOperator<RoutingTable> change) {
        thread.execute(() -> {
            RoutingTable before = switchboard.table();
            RoutingTable after = change.apply(before);
            give(switchboard.onTable(after, clock.now()));
            tell(before, after);
            keepTime();
            publish();
        });
    }

    /** What a primary said when it was asked. */
    void answer(Question question, Map<ConnectionId, Owed> answer) {
        thread.execute(() -> {
            give(switchboard.answered(question, answer, clock.now()));
            keepTime();
        });
    }

    /** The newest snapshot; at most a few ten milliseconds old. */
    SwitchboardStatus status() {
        return status;
    }

    /** Closes every connection. Returns when all are closed, or after {@code millis}. */
    boolean end(long millis) throws InterruptedException {
        thread.execute(() -> {
            isEnding = true;
            give(switchboard.shutDown(clock.now()));
            endIfEmpty();
        });
        boolean ended = empty.await(millis, TimeUnit.MILLISECONDS);
        var _ = thread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        return ended;
    }

    private void endIfEmpty() {
        if (isEnding && connections.isEmpty()) {
            empty.countDown();
        }
    }

    private void give(List<Order> orders) {
        for (Order order : orders) {
            Connection connection = connections.get(order.connection());
            if (connection != null) {
                connection.perform(order.effect());
            }
        }
        ask();
        Epoch applied = switchboard.applied();
        if (applied.isAfter(status.applied())) {
            publish();
            log.atInfo()
                    .addKeyValue("epoch", applied)
                    .addKeyValue("cutSoFar", status.tally().cut())
                    .log("epoch applied");
            listener.onApplied(applied);
        }
        if (!isStatusDue) {
            isStatusDue = true;
            var _ = thread.schedule(this::publish, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void ask() {
        if (!isQuestionDue && switchboard.hasQuestion()) {
            isQuestionDue = true;
            var _ = thread.schedule(this::question, GATHER_MILLIS, TimeUnit.MILLISECONDS);
        }
        Epoch drained = switchboard.drained();
        if (!drained.equals(lastDrained)) {
            lastDrained = drained;
            listener.onDrained(drained);
        }
    }

    private void question() {
        isQuestionDue = false;
        switchboard.question(clock.now()).ifPresent(this::ask);
    }

    private void ask(Question question) {
        Map<ConnectionId, InetSocketAddress> from = new HashMap<>();
        for (ConnectionId id : question.sessions()) {
            Connection connection = connections.get(id);
            InetSocketAddress session = connection == null ? null : connection.session();
            if (session != null) {
                from.put(id, session);
            }
        }
        listener.onQuestion(new SessionQuestion(question, from));
    }

    private void publish() {
        isStatusDue = false;
        status = switchboard.status();
    }

    private void keepTime() {
        if (!isTicking && switchboard.needsTicks()) {
            isTicking = true;
            var _ = thread.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        isTicking = false;
        give(switchboard.tick(clock.now()));
        keepTime();
    }

    private void tell(RoutingTable before, RoutingTable after) {
        if (after.epoch().isAfter(before.epoch())) {
            listener.onSeen(after.epoch());
        }
        if (before.storeReachable() != after.storeReachable()) {
            log.atInfo()
                    .addKeyValue("epoch", after.epoch())
                    .log(after.storeReachable() ? "view is fresh" : "view lost, routes stay");
        }
        if (before.route().equals(after.route())) {
            return;
        }
        switch (after.route()) {
            case Route.Serving(var primary) ->
                    log.atInfo()
                            .addKeyValue("epoch", primary.epoch())
                            .addKeyValue("member", primary.member())
                            .addKeyValue("server", primary.server())
                            .addKeyValue("held", switchboard.status().held())
                            .log("routing to the primary");
            case Route.Holding(var reason) ->
                    log.atInfo()
                            .addKeyValue("epoch", after.epoch())
                            .addKeyValue("reason", reason)
                            .log("holding new connections");
        }
    }
}
