package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.RoutingPolicy;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.ambassador.view.SampleCluster;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sockets, servers and a store as they might behave: every order and every report takes its time,
 * views come late, twice or never, servers refuse, stay silent or reset. The {@link Switchboard} is
 * the real one.
 */
final class SimulatedRelay {

    private static final String[] MEMBERS = {"a", "b", "c"};
    private static final HoldSettings HOLD =
            new HoldSettings(
                    20, Duration.ofSeconds(3), Duration.ofSeconds(1), true, Duration.ofMillis(100));
    private static final RampSettings RAMP = new RampSettings(4, 50, 3);
    private static final Duration LONGEST =
            Timeouts.DEFAULT
                    .greeting()
                    .plus(HOLD.maxWait())
                    .plus(Timeouts.DEFAULT.firstByte())
                    .multipliedBy(2);

    /** The sockets of one connection, as they really are. */
    private static final class Sockets {
        @Nullable Target server;
        int attempt;
        boolean joined;
        int packetsGiven;
        boolean hasSpoken;
        Conversation conversation = new Conversation();
        long lastOrder;
        long lastReport;
    }

    /** A session's bytes, and what its server owes, as they really are. */
    private static final class Conversation {
        boolean isDraining;
        boolean isFrozen;
        boolean hasServerSpoken;
        int round;
        int kept;
        int onTheWay;
        boolean isBusy;
        boolean isInTransaction;
        boolean streams;

        boolean owesNothing() {
            return onTheWay == 0 && !isBusy && !isInTransaction;
        }
    }

    private record Due(long at, long sequence, Runnable act) {}

    private final Random random;
    private final long seed;
    private final SampleCluster cluster = SampleCluster.of(MEMBERS);
    private final Switchboard board =
            new Switchboard(HOLD, Timeouts.DEFAULT, RAMP, RoutingTable.initial(Epoch.NONE));
    private final PriorityQueue<Due> agenda =
            new PriorityQueue<>((one, other) ->
                    one.at() != other.at()
                            ? Long.compare(one.at(), other.at())
                            : Long.compare(one.sequence(), other.sequence()));
    private final Map<ConnectionId, Sockets> sockets = new TreeMap<>();
    private final List<ClusterView> past = new ArrayList<>();
    private final Set<MemberName> down = new HashSet<>();
    private long clock;
    private long sequence;
    private long lastId;
    private long epoch = 1;
    private Phase phase = Phase.PROMOTING;
    private String primary = "a";
    private Epoch highestTable = Epoch.NONE;
    private Epoch highestApplied = Epoch.NONE;
    private int drained;

    private SimulatedRelay(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    static SimulatedRelay run(long seed, int steps) {
        SimulatedRelay relay = new SimulatedRelay(seed);
        for (int step = 0; step < steps; step++) {
            relay.clock += relay.random.nextInt(40);
            relay.happen();
            relay.settle();
        }
        // Whatever waits now must come to an end by its deadline alone.
        for (int tick = 0; tick < LONGEST.toMillis() / 100 && relay.board.needsTicks(); tick++) {
            relay.clock += 100;
            relay.settle();
        }
        relay.checkNothingWaits();
        return relay;
    }

    SwitchboardStatus status() {
        return board.status();
    }

    /** How many times there were sessions and all of them might be ended. */
    int drained() {
        return drained;
    }

    private BootTime now() {
        return new BootTime(clock);
    }

    private void later(long at, Runnable act) {
        agenda.add(new Due(at, sequence++, act));
    }

    /** Everything that is due, then a tick, with a check after each. */
    private void settle() {
        while (!agenda.isEmpty() && agenda.peek().at() <= clock) {
            agenda.poll().act().run();
            check();
        }
        give(board.tick(now()));
        check();
    }

    private void happen() {
        int dice = random.nextInt(100);
        if (dice < 40) {
            arrive();
        } else if (dice < 60) {
            changeCluster();
            showView(random.nextInt(10) == 0);
        } else if (dice < 65) {
            MemberName member = SampleCluster.name(MEMBERS[random.nextInt(3)]);
            if (!down.remove(member)) {
                down.add(member);
            }
        } else if (dice < 85) {
            List<ConnectionId> open = List.copyOf(sockets.keySet());
            if (!open.isEmpty()) {
                say(open.get(random.nextInt(open.size())));
            }
        } else if (dice < 88) {
            give(board.onTable(board.table().withoutStore(), now()));
        } else {
            List<ConnectionId> open = List.copyOf(sockets.keySet());
            if (!open.isEmpty()) {
                leave(open.get(random.nextInt(open.size())));
            }
        }
    }

    private void arrive() {
        ConnectionId id = new ConnectionId(++lastId);
        Port port = random.nextInt(4) == 0 ? Port.READ_ONLY : Port.READ_WRITE;
        sockets.put(id, new Sockets());
        board.accept(id, port, now());
        Opening[] openings = {
            Opening.STARTUP, Opening.SSL_REQUEST, Opening.DIRECT_TLS, Opening.CANCEL
        };
        if (random.nextInt(20) > 0) {
            Opening opening = openings[random.nextInt(20) == 0 ? 3 : random.nextInt(3)];
            report(id, new ConnectionEvent.Opened(opening));
        }
    }

    private void leave(ConnectionId id) {
        Sockets connection = sockets.get(id);
        if (connection != null && random.nextBoolean()) {
            end(id, connection, CloseCause.FINISHED);
        } else {
            report(id, new ConnectionEvent.ClientFinished());
        }
    }

    /** A client sends a statement; its server answers after a while. */
    private void say(ConnectionId id) {
        Sockets connection = sockets.get(id);
        if (connection != null && connection.hasSpoken) {
            connection.conversation.kept++;
            pass(connection.conversation);
        }
    }

    private void pass(Conversation conversation) {
        if (conversation.isFrozen) {
            return;
        }
        while (conversation.kept > 0) {
            conversation.kept--;
            conversation.onTheWay++;
            later(clock + random.nextInt(20), () -> execute(conversation));
        }
    }

    private void execute(Conversation conversation) {
        conversation.onTheWay--;
        conversation.isBusy = true;
        later(
                clock + random.nextInt(40),
                () -> {
                    conversation.isBusy = false;
                    conversation.isInTransaction = random.nextInt(3) == 0;
                    if (conversation.isDraining) {
                        conversation.hasServerSpoken = true;
                        if (!conversation.isFrozen) {
                            freeze(conversation);
                        }
                    }
                });
    }

    private void freeze(Conversation conversation) {
        conversation.isFrozen = true;
        awaitDelivery(conversation, conversation.round);
    }

    private void awaitDelivery(Conversation conversation, int round) {
        if (conversation.onTheWay > 0) {
            later(clock + 1 + random.nextInt(5), () -> awaitDelivery(conversation, round));
        } else if (conversation.isFrozen && conversation.round == round) {
            conversation.hasServerSpoken = false;
            sockets.forEach((id, connection) -> {
                if (connection.conversation == conversation) {
                    report(id, new ConnectionEvent.Still(round));
                }
            });
        }
    }

    private void drain(Conversation conversation, ConnectionEffect effect) {
        switch (effect) {
            case ConnectionEffect.Freeze(var round) -> {
                conversation.isDraining = true;
                conversation.round = round;
                freeze(conversation);
            }
            case ConnectionEffect.Advance(var round) -> {
                conversation.round = round;
                if (conversation.hasServerSpoken) {
                    awaitDelivery(conversation, round);
                } else {
                    conversation.isFrozen = false;
                    pass(conversation);
                }
            }
            case ConnectionEffect.Thaw _ -> {
                conversation.isDraining = false;
                conversation.isFrozen = false;
                pass(conversation);
            }
            default -> throw new IllegalArgumentException(effect.toString());
        }
    }

    /** The primary is asked; its answer holds for the moment at which it looks. */
    private void ask() {
        board.question(now())
                .ifPresent(question -> {
                    Map<ConnectionId, Owed> answer = new HashMap<>();
                    boolean isLost = random.nextInt(10) == 0;
                    long looks = clock + random.nextInt(20);
                    if (!isLost) {
                        later(looks, () -> look(question, answer));
                    }
                    later(
                            looks + random.nextInt(20),
                            () -> give(board.answered(question, answer, now())));
                });
    }

    private void look(Question question, Map<ConnectionId, Owed> answer) {
        for (ConnectionId id : question.sessions()) {
            Sockets connection = sockets.get(id);
            if (connection != null) {
                Conversation conversation = connection.conversation;
                Owed owed = conversation.owesNothing() ? Owed.NOTHING : Owed.SOMETHING;
                answer.put(id, conversation.streams ? Owed.STREAMS : owed);
            }
        }
    }

    private void changeCluster() {
        phase =
                switch (phase) {
                    case BOOTSTRAPPING, PROMOTING, RECOVERING -> Phase.READY;
                    case READY ->
                            switch (random.nextInt(3)) {
                                case 0 -> Phase.DRAINING;
                                case 1 -> Phase.RECOVERING;
                                default -> nextReign();
                            };
                    case DRAINING -> random.nextBoolean() ? Phase.VACANT : Phase.READY;
                    case VACANT -> nextReign();
                };
        for (String member : MEMBERS) {
            Role standby = random.nextInt(4) == 0 ? Role.STANDBY : Role.STREAMING;
            cluster.role(member, member.equals(primary) ? Role.PRIMARY : standby);
        }
    }

    private Phase nextReign() {
        epoch++;
        primary = MEMBERS[random.nextInt(3)];
        return Phase.PROMOTING;
    }

    private void showView(boolean stale) {
        past.add(cluster.view(epoch, phase, primary));
        ClusterView shown = stale ? past.get(random.nextInt(past.size())) : past.getLast();
        give(board.onTable(board.table().with(shown, now(), RoutingPolicy.DEFAULT), now()));
    }

    /** A report is on its way; those of one connection keep their order. */
    private void report(ConnectionId id, ConnectionEvent event) {
        Sockets connection = sockets.get(id);
        if (connection != null) {
            connection.lastReport = Math.max(connection.lastReport, clock) + random.nextInt(30);
            later(connection.lastReport, () -> give(board.on(id, event, now())));
        }
    }

    private void give(List<Order> orders) {
        for (Order order : orders) {
            Sockets connection = sockets.get(order.connection());
            if (connection != null) {
                connection.lastOrder = Math.max(connection.lastOrder, clock) + random.nextInt(30);
                later(connection.lastOrder, () -> obey(order.connection(), order.effect()));
            }
        }
        ask();
        if (!board.drained().equals(Epoch.NONE) && board.status().sessions().size() > 0) {
            drained++;
        }
    }

    private void obey(ConnectionId id, ConnectionEffect effect) {
        Sockets connection = sockets.get(id);
        if (connection == null) {
            return;
        }
        switch (effect) {
            case ConnectionEffect.Connect(var attempt, var target) -> {
                connection.attempt = attempt;
                connection.server = target;
                connect(id, connection, attempt, target);
            }
            case ConnectionEffect.Abandon(var attempt) -> {
                if (connection.attempt == attempt && !connection.joined) {
                    connection.server = null;
                }
            }
            case ConnectionEffect.Join(var attempt) -> join(id, connection, attempt);
            case ConnectionEffect.Freeze _, ConnectionEffect.Advance _, ConnectionEffect.Thaw _ ->
                    drain(connection.conversation, effect);
            case ConnectionEffect.AnswerNo _ -> {
                if (random.nextInt(4) > 0) {
                    report(id, new ConnectionEvent.Opened(Opening.STARTUP));
                }
            }
            case ConnectionEffect.FanOut _ -> {
                if (random.nextBoolean()) {
                    end(id, connection, CloseCause.CANCEL_DONE);
                }
            }
            case ConnectionEffect.Refuse _ -> end(id, connection, CloseCause.REFUSED);
            case ConnectionEffect.Close(var cause) -> end(id, connection, cause);
            case ConnectionEffect.Cut(var cause) -> end(id, connection, cause);
        }
    }

    private void connect(ConnectionId id, Sockets connection, int attempt, Target target) {
        if (random.nextInt(12) == 0) {
            return; // Packets are dropped: no answer at all.
        }
        if (down.contains(target.member())) {
            connection.server = null;
            report(id, new ConnectionEvent.ConnectFailed(attempt));
            return;
        }
        report(id, new ConnectionEvent.Connected(attempt));
        if (random.nextInt(12) == 0) {
            connection.server = null; // Reset before the join.
            report(id, new ConnectionEvent.ConnectFailed(attempt));
        }
    }

    private void join(ConnectionId id, Sockets connection, int attempt) {
        if (connection.attempt != attempt || connection.server == null) {
            return;
        }
        connection.joined = true;
        connection.packetsGiven++;
        connection.conversation.streams = random.nextInt(20) == 0;
        if (random.nextInt(15) > 0) {
            connection.hasSpoken = true;
            report(id, new ConnectionEvent.ServerSpoke());
        }
    }

    private void end(ConnectionId id, Sockets connection, CloseCause cause) {
        connection.server = null;
        report(id, new ConnectionEvent.Ended(cause));
        sockets.remove(id);
    }

    private void check() {
        require(!highestTable.isAfter(board.table().epoch()), "2: the epoch went down");
        require(!highestApplied.isAfter(board.applied()), "2: the applied epoch went down");
        highestTable = board.table().epoch();
        highestApplied = board.applied();
        sockets.forEach(this::check);
        Map<MemberName, Integer> logins = new TreeMap<>();
        for (ConnectionId id : sockets.keySet()) {
            if (board.stateOf(id) instanceof ConnectionState.Connecting connecting) {
                logins.merge(connecting.target().member(), 1, Integer::sum);
            }
        }
        require(
                logins.values().stream().allMatch(count -> count <= RAMP.concurrentLogins()),
                "a server was trampled: " + logins);
    }

    private void check(ConnectionId id, Sockets connection) {
        ConnectionState state = board.stateOf(id);
        if (connection.joined && connection.server instanceof Target.Primary bound) {
            require(
                    !highestApplied.isAfter(bound.epoch()),
                    "1 and 5: a joined socket of epoch " + bound.epoch() + " after the cut of it");
            require(
                    !(state instanceof ConnectionState.Held)
                            && !(state instanceof ConnectionState.Connecting),
                    "4: bytes flow while the connection counts as waiting");
            boolean mayEnd =
                    connection.conversation.streams
                            || (connection.conversation.isFrozen
                                    && connection.conversation.owesNothing());
            require(
                    mayEnd
                            || state instanceof ConnectionState.Closing
                            || !board.drained().equals(bound.epoch()),
                    "6: a session is under way at a primary that may end it: " + state);
        }
        require(connection.packetsGiven <= 1, "4: the client's first bytes were given twice");
        if (state instanceof ConnectionState.Established(var _, Target.Primary target, var _)) {
            require(
                    !board.table().epoch().isAfter(target.epoch()),
                    "1: a session of epoch " + target.epoch() + " lives on");
        }
        if (state instanceof ConnectionState.Held held) {
            require(
                    clock <= held.deadline().millis() + 160,
                    "3: a connection waits past its deadline");
        }
    }

    private void checkNothingWaits() {
        require(!board.needsTicks(), "3: something still waits at the end: " + board.status());
        require(board.status().held() == 0, "3: something is still held");
    }

    private void require(boolean holds, String invariant) {
        if (!holds) {
            throw new AssertionError(
                    "invariant " + invariant + " (seed " + seed + ", at " + clock + " ms)");
        }
    }
}
