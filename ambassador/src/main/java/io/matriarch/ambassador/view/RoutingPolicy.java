package io.matriarch.ambassador.view;

import java.time.Duration;

/**
 * What the routing table needs to know of the settings.
 *
 * @param maxLagBytes a standby that has received less than this behind the primary qualifies
 * @param maxLag a standby that shows the past no older than this qualifies
 * @param permitValidity how long one read of the store is worth
 */
public record RoutingPolicy(long maxLagBytes, Duration maxLag, Duration permitValidity) {

    public static final RoutingPolicy DEFAULT =
            new RoutingPolicy(16L << 20, Duration.ofSeconds(10), Duration.ofSeconds(15));

    public RoutingPolicy {
        if (maxLagBytes < 0) {
            throw new IllegalArgumentException(
                    "max-lag-bytes: " + maxLagBytes + " (expected: 0 or more)");
        }
        requirePositive("max-lag", maxLag);
        requirePositive("permit-validity", permitValidity);
    }

    private static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
        }
    }
}
