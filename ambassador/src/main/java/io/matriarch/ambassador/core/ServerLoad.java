package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.BootTime;
import java.time.Duration;

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

    int sessions() {
        return sessions;
    }

    long lastAssigned() {
        return lastAssigned;
    }

    boolean hasRoom() {
        return loggingIn < ramp.concurrentLogins();
    }

    int loggingIn() {
        return loggingIn;
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
        if (countedAt.isBefore(now)) {
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
