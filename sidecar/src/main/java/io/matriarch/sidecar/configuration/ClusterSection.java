package io.matriarch.sidecar.configuration;

import io.matriarch.elector.cluster.ZooKeeperSettings;

/** What every process of a cluster is told alike. */
final class ClusterSection {

    private ClusterSection() {}

    static ZooKeeperSettings zookeeper(Section root) {
        Section zookeeper = root.section("zookeeper");
        try {
            return new ZooKeeperSettings(
                    zookeeper.required("connect", "host:port, several with commas"),
                    root.text("namespace").orElse(ZooKeeperSettings.DEFAULT_NAMESPACE),
                    root.required("cluster", "the name of the cluster"),
                    zookeeper.duration("session-timeout", ZooKeeperSettings.DEFAULT_SESSION),
                    zookeeper.duration("tick-time", ZooKeeperSettings.DEFAULT_TICK));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
