package io.matriarch.elector.decision;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.OwnPostgres;
import java.time.Duration;

/**
 * Whether a primary that has crashed is back sooner by its own recovery than by a failover.
 *
 * <p>Without synchronous standbys a failover loses what none of them has received yet, and a
 * recovery in place loses nothing: so it is preferred where it does not keep the clients waiting
 * for longer. With them a failover loses nothing either, and a server that has recovered could only
 * serve once they are in sync again.
 *
 * @param why in words, for the reason of the decision
 */
record CrashWeighing(boolean isBackSooner, String why) {

    /** What passes from a crash to a new primary, generously. */
    private static final Duration FAILOVER = Duration.ofSeconds(1);

    /** What a start takes beside the replay. */
    private static final Duration START = Duration.ofMillis(400);

    /** A slow disk's crash recovery; most are faster. */
    private static final long REPLAYED_PER_SECOND = 64 << 20;

    /** Who crashes again so soon may have a reason to, which a standby need not share. */
    private static final Duration ONCE_IN = Duration.ofMinutes(10);

    /**
     * A recovery that was thought to be faster than a failover is given this much, and so is the
     * start before it, which a full disk prevents.
     */
    private static final Duration PATIENCE = FAILOVER.multipliedBy(3);

    static CrashWeighing of(OwnPostgres.Stopped stopped, ClusterState state) {
        OwnPostgres.Crash crash = stopped.crash();
        if (stopped.cause() != OwnPostgres.Cause.CRASHED || crash == null) {
            return new CrashWeighing(false, "there is nothing to foretell a recovery from");
        }
        if (state.synchronous() != null) {
            return new CrashWeighing(false, "synchronous standbys have every commit");
        }
        Duration last = crash.sinceLast();
        if (last != null && last.compareTo(ONCE_IN) < 0) {
            return new CrashWeighing(
                    false, "it crashed " + last.toSeconds() + " s before this crash too");
        }
        if (crash.ago().compareTo(PATIENCE) > 0) {
            return new CrashWeighing(
                    false, "it has not started again in " + crash.ago().toMillis() + " ms");
        }
        Duration recovery = recovery(crash.toReplay());
        return new CrashWeighing(
                recovery.compareTo(FAILOVER) <= 0,
                "its recovery, of %d bytes, is foretold to take %d ms (a failover: %d ms)"
                        .formatted(crash.toReplay(), recovery.toMillis(), FAILOVER.toMillis()));
    }

    private static Duration recovery(long bytes) {
        return START.plusMillis(bytes * 1000 / REPLAYED_PER_SECOND);
    }

    /** Whether a recovery that may have been awaited for good reason is no longer worth it. */
    static boolean isTooLate(OwnPostgres.Starting starting, ClusterState state) {
        Duration recovering = starting.recoveringFor();
        return state.synchronous() == null
                && recovering != null
                && recovering.compareTo(PATIENCE) > 0;
    }
}
