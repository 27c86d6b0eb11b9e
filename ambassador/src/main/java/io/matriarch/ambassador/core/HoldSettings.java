package io.matriarch.ambassador.core;

import java.time.Duration;

/**
 * How long and how many connections wait for a server.
 *
 * @param maxHeld more than this are refused at once
 * @param maxWait then a waiting connection is refused
 * @param readOnlyWait how long a reader waits for a standby before it may go to the primary
 * @param primaryForReaders whether it may
 * @param retryPause between a failed connect and the next
 */
public record HoldSettings(
        int maxHeld,
        Duration maxWait,
        Duration readOnlyWait,
        boolean primaryForReaders,
        Duration retryPause) {

    public static final HoldSettings DEFAULT =
            new HoldSettings(
                    1_000,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    true,
                    Duration.ofMillis(200));

    public HoldSettings {
        if (maxHeld < 0) {
            throw new IllegalArgumentException("max-held: " + maxHeld + " (expected: 0 or more)");
        }
        Timeouts.requirePositive("max-wait", maxWait);
        Timeouts.requirePositive("read-only-wait", readOnlyWait);
        Timeouts.requirePositive("retry-pause", retryPause);
        if (readOnlyWait.compareTo(maxWait) > 0) {
            throw new IllegalArgumentException(
                    "read-only-wait: "
                            + readOnlyWait
                            + " (expected: at most max-wait "
                            + maxWait
                            + ")");
        }
    }
}
