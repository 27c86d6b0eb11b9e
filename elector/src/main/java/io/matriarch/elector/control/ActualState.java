package io.matriarch.elector.control;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Locale;

/** What the supervisor says of Postgres and of itself. */
public record ActualState(
        long sequence,
        Running state,
        BootTime since,
        Mode mode,
        boolean isLockFree,
        Cause cause,
        Epoch epoch,
        String bootId,
        BootTime heartbeat,
        Duration poll) {

    /** Whether a postmaster exists. */
    public enum Running {
        RUNNING,
        STOPPING,
        STOPPED
    }

    /** How the postmaster runs, by the absence or presence of {@code standby.signal}. */
    public enum Mode {
        PRIMARY,
        STANDBY,
        NONE
    }

    /** Why Postgres last stopped. */
    public enum Cause {
        NONE,
        DESIRED,
        CRASHED,
        FENCED,
        FAILED
    }

    static ActualState of(ControlRecord record) {
        return new ActualState(
                Long.parseLong(record.value("sequence")),
                Running.valueOf(record.value("state").toUpperCase(Locale.ROOT)),
                BootTime.parseSeconds(record.value("since")),
                Mode.valueOf(orNone(record.value("mode"))),
                record.value("lock").equals("free"),
                Cause.valueOf(orNone(record.value("cause"))),
                Epoch.parse(record.value("epoch")),
                record.value("boot"),
                BootTime.parseSeconds(record.value("heartbeat")),
                Duration.ofMillis(Long.parseLong(record.value("poll"))));
    }

    private static String orNone(String word) {
        return word.equals("-") ? "NONE" : word.toUpperCase(Locale.ROOT);
    }

    /** No process of Postgres lives: the proof of death. */
    public boolean isProvenDead() {
        return state == Running.STOPPED && isLockFree;
    }

    /** Whether the dead man's switch works: its heartbeat is younger than a few polls. */
    public boolean isAlive(BootTime now) {
        return now.since(heartbeat).compareTo(poll.multipliedBy(4).plusMillis(250)) <= 0;
    }
}
