package io.matriarch.ambassador.core;

import io.matriarch.ambassador.core.ConnectionState.Cancelling;
import io.matriarch.ambassador.core.ConnectionState.Closed;
import io.matriarch.ambassador.core.ConnectionState.Closing;
import io.matriarch.ambassador.core.ConnectionState.Connecting;
import io.matriarch.ambassador.core.ConnectionState.Draining;
import io.matriarch.ambassador.core.ConnectionState.Established;
import io.matriarch.ambassador.core.ConnectionState.Greeting;
import io.matriarch.ambassador.core.ConnectionState.Held;
import io.matriarch.ambassador.core.ConnectionState.LoggingIn;
import io.matriarch.ambassador.core.ConnectionState.Progress;
import io.matriarch.ambassador.core.ConnectionState.Refusing;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The states of all connections, and every count that follows from them. */
final class Ledger {

    private final RampSettings ramp;
    private final Map<ConnectionId, ConnectionState> states = new HashMap<>();
    private final Map<Port, NavigableSet<ConnectionId>> waiting = new EnumMap<>(Port.class);
    private final NavigableSet<ConnectionId> unsettled = new TreeSet<>();
    private final Map<MemberName, ServerLoad> loads = new HashMap<>();
    private final NavigableMap<Epoch, Integer> boundByEpoch = new TreeMap<>();
    private final NavigableSet<ConnectionId> still = new TreeSet<>();
    private int cancelling;
    private int undrained;

    Ledger(RampSettings ramp) {
        this.ramp = ramp;
        for (Port port : Port.values()) {
            waiting.put(port, new TreeSet<>());
        }
    }

    @Nullable ConnectionState state(ConnectionId id) {
        return states.get(id);
    }

    Collection<ConnectionState> states() {
        return states.values();
    }

    List<ConnectionId> all() {
        return List.copyOf(new TreeSet<>(states.keySet()));
    }

    List<ConnectionId> unsettled() {
        return List.copyOf(unsettled);
    }

    boolean hasUnsettled() {
        return !unsettled.isEmpty();
    }

    /** Those that are held, the longest waiting first. */
    List<ConnectionId> waitingAt(Port port) {
        return List.copyOf(waitingSet(port));
    }

    boolean nobodyWaitsAt(Port port) {
        return waitingSet(port).isEmpty();
    }

    int waiting() {
        return waiting.values().stream().mapToInt(NavigableSet::size).sum();
    }

    int cancelling() {
        return cancelling;
    }

    boolean hasStill() {
        return !still.isEmpty();
    }

    /** Those whose primary may be asked about them. */
    List<ConnectionId> still() {
        return List.copyOf(still);
    }

    /** Sessions at a primary that may owe something; of a primary that hands over, all of them. */
    boolean hasUndrained() {
        return undrained > 0;
    }

    /** Whether a session of an earlier epoch still has a socket. */
    boolean hasBoundBefore(Epoch epoch) {
        return !boundByEpoch.headMap(epoch, false).isEmpty();
    }

    ServerLoad loadOf(MemberName member, BootTime now) {
        return loads.computeIfAbsent(member, _ -> new ServerLoad(ramp, now));
    }

    Map<MemberName, Integer> sessions() {
        Map<MemberName, Integer> sessions = new TreeMap<>();
        loads.forEach((member, load) -> sessions.put(member, load.sessions()));
        return sessions;
    }

    /** Writes down what a connection is now; {@link Closed} strikes it out. */
    void put(ConnectionId id, ConnectionState next, BootTime now) {
        ConnectionState previous =
                next instanceof Closed ? states.remove(id) : states.put(id, next);
        if (previous != null) {
            count(id, previous, -1, now);
        }
        count(id, next, 1, now);
    }

    private void count(ConnectionId id, ConnectionState state, int sign, BootTime now) {
        switch (state) {
            case Greeting _, Refusing _ -> unsettled(id, sign);
            case Held held -> {
                unsettled(id, sign);
                keep(waitingSet(held.port()), id, sign);
            }
            case Connecting connecting -> {
                unsettled(id, sign);
                bind(connecting.target(), sign, sign, now);
            }
            case LoggingIn loggingIn -> {
                unsettled(id, sign);
                // Who has not asked anything may stay silent for long: that is no log-in.
                int logins = loggingIn.held().opening().asksForAnswer() ? sign : 0;
                bind(loggingIn.target(), sign, logins, now);
                undrained += loggingIn.target() instanceof Target.Primary ? sign : 0;
            }
            case Draining draining -> {
                bind(draining.target(), sign, 0, now);
                countDraining(id, draining.progress(), sign);
            }
            case Established established -> bind(established.target(), sign, 0, now);
            case Cancelling _ -> {
                unsettled(id, sign);
                cancelling += sign;
            }
            case Closing closing -> {
                if (closing.target() != null) {
                    bind(closing.target(), sign, 0, now);
                }
            }
            case Closed _ -> {}
        }
    }

    private void countDraining(ConnectionId id, Progress progress, int sign) {
        undrained += progress.isDrained() ? 0 : sign;
        if (progress.hasDeadline()) {
            unsettled(id, sign);
        }
        if (progress == Progress.STILL) {
            keep(still, id, sign);
        }
    }

    private void unsettled(ConnectionId id, int sign) {
        keep(unsettled, id, sign);
    }

    private static void keep(NavigableSet<ConnectionId> set, ConnectionId id, int sign) {
        if (sign > 0) {
            set.add(id);
        } else {
            set.remove(id);
        }
    }

    private void bind(Target target, int sessions, int logins, BootTime now) {
        loadOf(target.member(), now).add(sessions, logins);
        if (target instanceof Target.Primary primary) {
            boundByEpoch.merge(primary.epoch(), sessions, (one, other) -> zeroToNull(one + other));
        }
    }

    private static @Nullable Integer zeroToNull(int sum) {
        return sum == 0 ? null : sum;
    }

    private NavigableSet<ConnectionId> waitingSet(Port port) {
        return Objects.requireNonNull(waiting.get(port));
    }
}
