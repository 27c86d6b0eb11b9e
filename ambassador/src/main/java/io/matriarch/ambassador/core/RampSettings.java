package io.matriarch.ambassador.core;

/**
 * How a server is kept from being trampled.
 *
 * @param concurrentLogins connections per server that may be between their first byte and its
 * @param releasedPerSecond of those that waited for the server
 * @param concurrentCancels cancel requests in flight; more are dropped, as PostgreSQL promises
 *     nothing
 */
public record RampSettings(int concurrentLogins, int releasedPerSecond, int concurrentCancels) {

    public static final RampSettings DEFAULT = new RampSettings(20, 200, 16);

    public RampSettings {
        requirePositive("concurrent-logins", concurrentLogins);
        requirePositive("released-per-second", releasedPerSecond);
        requirePositive("concurrent-cancels", concurrentCancels);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
