package io.matriarch.elector.situation;

import java.time.Duration;

/**
 * The times that fencing rests on. With S the session timeout, T ZooKeeper's tick, L the lease, P
 * the supervisor's poll, K the time a stop takes and X a margin, a primary has certainly stopped
 * before its session can expire if {@code L + P + K + X ≤ 0.999·S − T}.
 *
 * @param session S, as negotiated with ZooKeeper
 * @param tick T
 * @param poll P
 * @param stop K
 * @param margin X
 */
public record LeaseSettings(
        Duration session, Duration tick, Duration poll, Duration stop, Duration margin) {

    public static final Duration DEFAULT_POLL = Duration.ofMillis(250);
    public static final Duration DEFAULT_STOP = Duration.ofMillis(500);
    public static final Duration DEFAULT_MARGIN = Duration.ofMillis(250);

    /** Below this a lease is renewed so often, or so close to its end, that it flaps. */
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(500);

    public LeaseSettings {
        if (lengthOf(session, tick, poll, stop, margin).compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException(
                    "zookeeper.session-timeout: %d ms (expected: more than %d ms, because zookeeper.tick-time is %d ms; a lease of 0.999·S − T − P − K − X would be too short to hold)"
                            .formatted(
                                    session.toMillis(),
                                    tick.plus(poll)
                                            .plus(stop)
                                            .plus(margin)
                                            .plus(SHORTEST_LEASE)
                                            .toMillis(),
                                    tick.toMillis()));
        }
    }

    public static LeaseSettings of(Duration session, Duration tick) {
        return new LeaseSettings(session, tick, DEFAULT_POLL, DEFAULT_STOP, DEFAULT_MARGIN);
    }

    /** L: how long a renewal permits, counted from before it was sent. */
    public Duration length() {
        return lengthOf(session, tick, poll, stop, margin);
    }

    /** R: how often it is renewed; at most a third of the length. */
    public Duration renewal() {
        return length().dividedBy(4);
    }

    private static Duration lengthOf(
            Duration session, Duration tick, Duration poll, Duration stop, Duration margin) {
        long safe = session.toMillis() * 999 / 1000;
        return Duration.ofMillis(safe).minus(tick).minus(poll).minus(stop).minus(margin);
    }
}
