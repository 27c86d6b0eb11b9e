package io.matriarch.cli.access;

import io.matriarch.cli.CommandFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command is about. */
public final class ClusterOptions {

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "A local cluster's directory (made by 'matriarch local up').")
    private @Nullable Path dir;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A real cluster's configuration: the file that its sidecars read.")
    private @Nullable Path config;

    private final ConfigurationReader reader;

    public ClusterOptions(ConfigurationReader reader) {
        this.reader = reader;
    }

    /** The cluster that was named. */
    public ClusterAccess access() {
        return accessIfNamed()
                .orElseThrow(() ->
                        CommandFailure.usage(
                                "no cluster is named (expected: --dir DIR or --config FILE)",
                                "--dir is for a local cluster, --config for a real one"));
    }

    /** The cluster that was named; empty if none was. */
    Optional<ClusterAccess> accessIfNamed() {
        if (dir != null && config != null) {
            throw CommandFailure.usage(
                    "two clusters are named, by --dir and --config (expected: one of the two)",
                    "leave one out");
        }
        if (dir != null) {
            return Optional.of(LocalCluster.read(dir, reader));
        }
        return Optional.ofNullable(config).map(reader::read);
    }
}
