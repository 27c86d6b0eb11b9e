package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What one server carries now, and how fast it may be given more. */
final class ServerLoad {

    private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

    private final RampSettings ramp;
    private int sessions;
    private int loggingIn;
    private long lastAssigned;
    private double tokens;
    private BootTime countedAt;

    ServerLoad(RampSettings ramp, BootTime now) {
        this.ramp = ramp;
        this.tokens = ramp.concurrentLogins();
        this.countedAt = now;
    }

    /**
     * Which of several equal servers is next: fewest sessions, then the one not asked for longest.
     * Empty if none of them has room for one more log-in now.
     */
    static Optional<Target.Standby> leastLoaded(
            List<Target.Standby> candidates, Function<MemberName, ServerLoad> loads) {
        Comparator<Target.Standby> bySessions =
                Comparator.comparingInt(standby -> loads.apply(standby.member()).sessions);
        Comparator<Target.Standby> byTurn =
                Comparator.comparingLong(standby -> loads.apply(standby.member()).lastAssigned);
        return candidates.stream()
                .filter(standby -> loads.apply(standby.member()).hasRoom())
                .min(bySessions.thenComparing(byTurn));
    }

    int sessions() {
        return sessions;
    }

    boolean hasRoom() {
        return loggingIn < ramp.concurrentLogins();
    }

    /** Takes the place of one more log-in; those that waited for the server also need a token. */
    boolean admit(boolean ramped, BootTime now) {
        if (!hasRoom()) {
            return false;
        }
        refill(now);
        if (ramped && tokens < 1) {
            return false;
        }
        tokens = ramped ? tokens - 1 : tokens;
        return true;
    }

    private void refill(BootTime now) {
        if (now.isAfter(countedAt)) {
            double gained =
                    now.since(countedAt).toNanos() / NANOS_PER_SECOND * ramp.releasedPerSecond();
            tokens = Math.min(ramp.concurrentLogins(), tokens + gained);
            countedAt = now;
        }
    }

    void assignedAs(long sequence) {
        lastAssigned = sequence;
    }

    void add(int sessionChange, int loginChange) {
        sessions += sessionChange;
        loggingIn += loginChange;
        if (sessions < 0 || loggingIn < 0) {
            throw new IllegalStateException(
                    "load: "
                            + sessions
                            + " sessions, "
                            + loggingIn
                            + " log-ins (expected: 0 or more)");
        }
    }
}
