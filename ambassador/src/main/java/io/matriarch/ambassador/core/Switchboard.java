package io.matriarch.ambassador.core;

import io.matriarch.ambassador.core.ConnectionState.Closed;
import io.matriarch.ambassador.core.ConnectionState.Draining;
import io.matriarch.ambassador.core.ConnectionState.Established;
import io.matriarch.ambassador.core.ConnectionState.Greeting;
import io.matriarch.ambassador.core.ConnectionState.Held;
import io.matriarch.ambassador.core.ConnectionState.LoggingIn;
import io.matriarch.ambassador.core.SwitchboardStatus.Tally;
import io.matriarch.ambassador.view.HoldReason;
import io.matriarch.ambassador.view.Route;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All connections together: whose turn it is, at which server, and what a new table means for each.
 *
 * <p>It belongs to one thread, which tells it what happened and carries out the orders it returns.
 * It does no I/O and has no clock, so the same object runs in production and in the simulation.
 * Because every connect and every cut is decided here, in one order, no connection can slip between
 * the choice of its server and a change of epoch.
 */
public final class Switchboard {

    private final ConnectionMachine machine;
    private final HoldSettings hold;
    private final RampSettings ramp;
    private final Ledger ledger;
    private final List<Order> orders = new ArrayList<>();
    private RoutingTable table;
    private Epoch applied;
    private long assignments;
    private boolean isAsking;
    private Tally tally = Tally.ZERO;

    public Switchboard(
            HoldSettings hold, Timeouts timeouts, RampSettings ramp, RoutingTable initial) {
        this.machine = new ConnectionMachine(hold, timeouts);
        this.hold = hold;
        this.ramp = ramp;
        this.ledger = new Ledger(ramp);
        this.table = initial;
        this.applied = Epoch.NONE;
    }

    /** A client came. It has to be known here before anything else happens to it. */
    public void accept(ConnectionId id, Port port, BootTime now) {
        tally = tally.accepting();
        ledger.put(id, machine.accepted(port, now), now);
    }

    /** Something happened to a connection; news of one that is gone is void. */
    public List<Order> on(ConnectionId id, ConnectionEvent event, BootTime now) {
        ConnectionState state = ledger.state(id);
        if (state == null) {
            return List.of();
        }
        boolean opens = event instanceof ConnectionEvent.Opened && state instanceof Greeting;
        apply(id, opens ? asCancel(state, event) : event, now);
        dispatch(now);
        if (opens) {
            queue(id, now);
        }
        return taken();
    }

    /** The table is another one: every connection is looked at before this returns. */
    public List<Order> onTable(RoutingTable next, BootTime now) {
        if (table.epoch().isAfter(next.epoch())) {
            throw new IllegalStateException(
                    "epoch: " + next.epoch() + " (expected: at least " + table.epoch() + ")");
        }
        boolean same =
                next.epoch().equals(table.epoch())
                        && next.route().equals(table.route())
                        && Objects.equals(next.reign(), table.reign())
                        && next.standbys().equals(table.standbys());
        table = next;
        if (same) {
            dispatch(now);
            return taken();
        }
        for (ConnectionId id : ledger.all()) {
            apply(id, new ConnectionEvent.TableChanged(), now);
        }
        for (ConnectionId id : ledger.waitingAt(Port.READ_WRITE)) {
            explain(id, now);
        }
        dispatch(now);
        return taken();
    }

    /** Time has passed. To be called every few ten milliseconds while {@link #needsTicks()}. */
    public List<Order> tick(BootTime now) {
        for (ConnectionId id : ledger.unsettled()) {
            apply(id, new ConnectionEvent.Ticked(), now);
        }
        dispatch(now);
        return taken();
    }

    public List<Order> shutDown(BootTime now) {
        for (ConnectionId id : ledger.all()) {
            apply(id, new ConnectionEvent.ShutDown(), now);
        }
        return taken();
    }

    public boolean needsTicks() {
        return ledger.hasUnsettled();
    }

    /** Whether there is a question to be asked. */
    public boolean hasQuestion() {
        return !isAsking && ledger.hasStill();
    }

    /**
     * The sessions that their primary is to be asked about now. One question is open at most; it is
     * over with {@link #answered}.
     */
    public Optional<Question> question(BootTime now) {
        List<ConnectionId> still = ledger.still();
        Target.Primary primary = table.reign();
        if (isAsking || still.isEmpty() || primary == null) {
            return Optional.empty();
        }
        isAsking = true;
        for (ConnectionId id : still) {
            apply(id, new ConnectionEvent.Asked(), now);
        }
        return Optional.of(new Question(primary, still));
    }

    /** The answer to the open question; who is not in it may owe something. */
    public List<Order> answered(Question question, Map<ConnectionId, Owed> answer, BootTime now) {
        isAsking = false;
        for (ConnectionId id : question.sessions()) {
            Owed owed = answer.getOrDefault(id, Owed.SOMETHING);
            apply(id, new ConnectionEvent.Answered(owed), now);
        }
        return taken();
    }

    /**
     * The epoch whose primary hands over and may end every session that it has here; {@link
     * Epoch#NONE} if there is none, or not yet.
     */
    public Epoch drained() {
        boolean isDrained = table.isHandingOver() && !ledger.hasUndrained();
        return isDrained ? table.epoch() : Epoch.NONE;
    }

    public RoutingTable table() {
        return table;
    }

    /** The epoch whose predecessors have no socket left here. */
    public Epoch applied() {
        return applied;
    }

    public SwitchboardStatus status() {
        BootTime oldest =
                ledger.states().stream()
                        .filter(Held.class::isInstance)
                        .map(state -> ((Held) state).since())
                        .min(BootTime::compareTo)
                        .orElse(null);
        return new SwitchboardStatus(
                table, applied, ledger.sessions(), ledger.waiting(), oldest, tally);
    }

    /** For the simulation and for people: where a connection stands. */
    public @Nullable ConnectionState stateOf(ConnectionId id) {
        return ledger.state(id);
    }

    private void apply(ConnectionId id, ConnectionEvent event, BootTime now) {
        ConnectionState state = ledger.state(id);
        if (state == null) {
            return;
        }
        Step step = machine.on(state, event, new Moment(table, now));
        if (!step.state().equals(state)) {
            ledger.put(id, step.state(), now);
        }
        if (step.state() instanceof LoggingIn && !(state instanceof LoggingIn)) {
            tally = tally.connecting();
        }
        if (step.state() instanceof Closed closed) {
            tally = tally.ending(closed.cause());
        }
        for (ConnectionEffect effect : step.effects()) {
            orders.add(new Order(id, effect));
        }
    }

    private List<Order> taken() {
        if (!ledger.hasBoundBefore(table.epoch())) {
            applied = table.epoch();
        }
        List<Order> result = List.copyOf(orders);
        orders.clear();
        return result;
    }

    /** A cancel request does not wait for anything: it asks whoever may know the key, or nobody. */
    private ConnectionEvent asCancel(ConnectionState state, ConnectionEvent event) {
        if (!(state instanceof Greeting greeting)
                || !event.equals(new ConnectionEvent.Opened(Opening.CANCEL))) {
            return event;
        }
        if (ledger.cancelling() >= ramp.concurrentCancels()) {
            return new ConnectionEvent.CancelAsked(List.of());
        }
        return new ConnectionEvent.CancelAsked(
                switch (greeting.port()) {
                    case READ_WRITE -> table.reign() == null ? List.of() : List.of(table.reign());
                    case READ_ONLY -> serversOfReaders();
                });
    }

    private List<Target> serversOfReaders() {
        Map<MemberName, Target> servers = new LinkedHashMap<>();
        for (ConnectionState state : ledger.states()) {
            Target target = state.target();
            if (target != null && isReader(state)) {
                servers.putIfAbsent(target.member(), target);
            }
        }
        return List.copyOf(servers.values());
    }

    private static boolean isReader(ConnectionState state) {
        return (state instanceof Established session && session.port() == Port.READ_ONLY)
                || (state instanceof Draining draining && draining.port() == Port.READ_ONLY);
    }

    /** A new connection that could not go on at once is told why, or that too many wait. */
    private void queue(ConnectionId id, BootTime now) {
        if (!(ledger.state(id) instanceof Held)) {
            return;
        }
        if (ledger.waiting() > hold.maxHeld()) {
            apply(id, new ConnectionEvent.Crowded(hold.maxHeld()), now);
        } else {
            explain(id, now);
        }
    }

    private void explain(ConnectionId id, BootTime now) {
        if (ledger.state(id) instanceof Held held
                && held.port() == Port.READ_WRITE
                && table.route() instanceof Route.Holding(var reason)) {
            apply(id, new ConnectionEvent.Waiting(reason), now);
        }
    }

    private void dispatch(BootTime now) {
        if (table.route() instanceof Route.Serving(var primary)) {
            dispatchWriters(primary, now);
        }
        dispatchReaders(now);
    }

    private void dispatchWriters(Target.Primary primary, BootTime now) {
        if (ledger.nobodyWaitsAt(Port.READ_WRITE)) {
            return;
        }
        ServerLoad load = ledger.loadOf(primary.member(), now);
        for (ConnectionId id : ledger.waitingAt(Port.READ_WRITE)) {
            if (!load.hasRoom()) {
                return;
            }
            if (ledger.state(id) instanceof Held held && now.hasReached(held.notBefore())) {
                if (!load.admit(held.ramped(), now)) {
                    return;
                }
                assign(id, primary, load, now);
            }
        }
    }

    private void dispatchReaders(BootTime now) {
        if (ledger.nobodyWaitsAt(Port.READ_ONLY)) {
            return;
        }
        for (ConnectionId id : ledger.waitingAt(Port.READ_ONLY)) {
            if (ledger.state(id) instanceof Held held && now.hasReached(held.notBefore())) {
                dispatchReader(id, held, now);
            }
        }
    }

    private void dispatchReader(ConnectionId id, Held held, BootTime now) {
        List<Target.Standby> candidates =
                table.standbys().stream()
                        .filter(standby -> !held.failed().contains(standby.member()))
                        .toList();
        if (!candidates.isEmpty()) {
            Optional<Target.Standby> chosen =
                    ServerLoad.leastLoaded(candidates, member -> ledger.loadOf(member, now));
            chosen.ifPresent(standby -> admitReader(id, held, standby, now));
            return;
        }
        if (held.reason() != HoldReason.NO_STANDBY && held.failed().isEmpty()) {
            apply(id, new ConnectionEvent.Waiting(HoldReason.NO_STANDBY), now);
        }
        if (mayUsePrimary(held, now) && table.route() instanceof Route.Serving(var primary)) {
            admitReader(id, held, primary, now);
        } else if (!held.failed().isEmpty()) {
            apply(id, new ConnectionEvent.Exhausted(), now);
        }
    }

    private boolean mayUsePrimary(Held held, BootTime now) {
        return hold.primaryForReaders()
                && now.hasReached(held.since().plus(hold.readOnlyWait()))
                && table.reign() != null
                && !held.failed().contains(table.reign().member());
    }

    private void admitReader(ConnectionId id, Held held, Target target, BootTime now) {
        ServerLoad load = ledger.loadOf(target.member(), now);
        if (load.admit(held.ramped(), now)) {
            assign(id, target, load, now);
        }
    }

    private void assign(ConnectionId id, Target target, ServerLoad load, BootTime now) {
        assignments++;
        load.assignedAs(assignments);
        apply(id, new ConnectionEvent.Assigned(target), now);
    }
}
