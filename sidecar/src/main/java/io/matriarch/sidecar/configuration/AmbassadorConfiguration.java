package io.matriarch.sidecar.configuration;

import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.Endpoint;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code matriarch ambassador --config FILE} reads.
 *
 * @param stateDirectory where the highest epoch is remembered; absent: nowhere
 */
public record AmbassadorConfiguration(
        ZooKeeperSettings zookeeper,
        Endpoint readWrite,
        Endpoint readOnly,
        @Nullable Path stateDirectory,
        Endpoint api) {

    private static final String HOST_PORT = "host:port, such as 127.0.0.1:5432";

    public static AmbassadorConfiguration read(Path file) {
        Section root = Section.read(file);
        AmbassadorConfiguration read =
                new AmbassadorConfiguration(
                        ClusterSection.zookeeper(root),
                        root.required("read-write", HOST_PORT, Endpoint::parse),
                        root.required("read-only", HOST_PORT, Endpoint::parse),
                        root.text("state-directory").map(Path::of).orElse(null),
                        root.section("api").required("listen", HOST_PORT, Endpoint::parse));
        root.refuseUnknown();
        return read;
    }
}
