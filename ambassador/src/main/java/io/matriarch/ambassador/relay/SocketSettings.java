package io.matriarch.ambassador.relay;

import java.time.Duration;

/**
 * The options of every socket, on both legs.
 *
 * @param keepAliveIdle after this long without a byte the peer is asked whether it lives
 * @param keepAliveCount so many unanswered questions mean that it does not
 * @param userTimeout TCP_USER_TIMEOUT, 0 for none. Linux ends with it not only a peer that is gone
 *     but also one that lives and does not read for so long (its closed window counts too): a
 *     client that pauses in the middle of a result, a server that waits for a lock in the middle of
 *     a COPY. So it is off unless asked for. A peer that is gone is found by keep-alive when
 *     nothing is on its way to it, by the kernel's retransmission limit otherwise, and by the next
 *     epoch in any case.
 * @param lowWater reading goes on when fewer bytes than this wait for the other leg
 * @param highWater reading stops when more bytes than this do
 */
public record SocketSettings(
        Duration keepAliveIdle,
        Duration keepAliveInterval,
        int keepAliveCount,
        Duration userTimeout,
        int lowWater,
        int highWater) {

    public static final SocketSettings DEFAULT =
            new SocketSettings(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    3,
                    Duration.ZERO,
                    32 << 10,
                    64 << 10);

    public SocketSettings {
        if (lowWater < 1 || highWater < lowWater) {
            throw new IllegalArgumentException(
                    "low-water: " + lowWater + " (expected: 1 to high-water " + highWater + ")");
        }
        if (keepAliveCount < 1
                || keepAliveIdle.toSeconds() < 1
                || keepAliveInterval.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "keep-alive: "
                            + keepAliveIdle
                            + ", "
                            + keepAliveInterval
                            + ", "
                            + keepAliveCount
                            + " (expected: whole seconds and a count, each 1 or more)");
        }
        if (userTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "user-timeout: " + userTimeout + " (expected: 0 or more, 0 for none)");
        }
    }
}
