package io.matriarch.elector.cluster;

import java.time.Duration;

/**
 * @param connect {@code host:port,host:port…}
 * @param namespace the folder above all clusters, without slashes at its ends
 * @param session S: how long after its last word a member is believed alive
 * @param tick T: the servers' tickTime, which fencing depends on
 */
public record ZooKeeperSettings(
        String connect, String namespace, String cluster, Duration session, Duration tick) {

    public static final String DEFAULT_NAMESPACE = "matriarch";
    public static final Duration DEFAULT_SESSION = Duration.ofSeconds(10);
    public static final Duration DEFAULT_TICK = Duration.ofSeconds(2);

    public ZooKeeperSettings {
        if (connect.isBlank()) {
            throw new IllegalArgumentException(
                    "zookeeper.connect: empty (expected: host:port, several with commas)");
        }
        if (!cluster.matches("[a-z0-9][a-z0-9_-]{0,62}")) {
            throw new IllegalArgumentException(
                    "cluster: " + cluster + " (expected: lower-case letters, digits, - and _)");
        }
    }

    String root() {
        return "/" + namespace + "/" + cluster;
    }
}
