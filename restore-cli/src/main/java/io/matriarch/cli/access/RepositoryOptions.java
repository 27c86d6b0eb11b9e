package io.matriarch.cli.access;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which repository a command is about: a cluster's own, or one named by its URL alone. */
public final class RepositoryOptions {

    /** A restore must not wait long for a cluster that may be what has died. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @Mixin private final ClusterOptions clusterOptions;

    @Option(
            names = "--repository",
            paramLabel = "URL",
            description = {
                "The repository, on a host that has nothing else:",
                "s3://bucket/prefix[?endpoint=…&region=…&path-style=true], or a directory."
            })
    private @Nullable String repository;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "With --repository, the cluster's name, if there are several.")
    private @Nullable String cluster;

    @Option(
            names = "--system",
            paramLabel = "ID",
            description = "The system identifier, if a cluster was made anew under its name.")
    private @Nullable String system;

    @Mixin private final IdentityOptions identity = new IdentityOptions();

    public RepositoryOptions(ConfigurationReader reader) {
        this.clusterOptions = new ClusterOptions(reader);
    }

    /** Whether a repository or a cluster was named. */
    public boolean isNamed() {
        return repository != null || clusterOptions.accessIfNamed().isPresent();
    }

    /** The system identifier that was asked for. */
    public Optional<SystemIdentifier> system() {
        return Optional.ofNullable(system).map(SystemIdentifier::parse);
    }

    /**
     * An open archive, and what the cluster says of itself.
     *
     * @param committed the timeline that the cluster is on; empty if it could not be asked
     * @param isSilent whether there is a ZooKeeper that should have answered
     */
    public record Found(Archive archive, Optional<TimelineId> committed, boolean isSilent)
            implements AutoCloseable {

        @Override
        public void close() {
            archive.close();
        }
    }

    /** Opens what was named. The cluster itself is asked too, and may be dead. */
    public Found open() throws InterruptedException {
        Optional<SystemIdentifier> asked = system();
        Optional<ClusterAccess> access = clusterOptions.accessIfNamed();
        if (repository != null) {
            if (access.isPresent()) {
                throw CommandFailure.usage(
                        "a cluster and --repository are both named (expected: one of them)",
                        "leave one out");
            }
            StoreSettings settings = StoreSettings.of(StoreLocation.parse(repository));
            Optional<ClusterName> name = Optional.ofNullable(cluster).map(ClusterName::new);
            return new Found(
                    Archive.open(settings, identity.of(Keyring.NONE), name, asked),
                    Optional.empty(),
                    false);
        }
        if (access.isEmpty()) {
            throw CommandFailure.usage(
                    "no repository is named (expected: --dir DIR, --config FILE or --repository"
                            + " URL)",
                    "--dir is for a local cluster, --config for a real one, --repository needs"
                            + " nothing else; each stands behind the whole command's name");
        }
        if (cluster != null) {
            throw CommandFailure.usage(
                    "--cluster: " + cluster + " (expected: only with --repository)",
                    "the file names the cluster already");
        }
        return open(access.get(), asked);
    }

    private Found open(ClusterAccess access, Optional<SystemIdentifier> asked)
            throws InterruptedException {
        Optional<ClusterSession> session = ClusterSession.tryOpen(access.zookeeper(), PATIENCE);
        if (session.isEmpty()) {
            return found(access, asked, null, true);
        }
        try (ClusterSession open = session.get()) {
            return found(access, asked, open.view().state(), false);
        }
    }

    private Found found(
            ClusterAccess access,
            Optional<SystemIdentifier> asked,
            @Nullable ClusterState state,
            boolean isSilent) {
        SystemIdentifier own = state == null ? null : state.systemIdentifier();
        boolean isOwn = own != null && own.equals(asked.orElse(own));
        Archive archive =
                Archive.open(
                        access.repository(),
                        identity.of(access.keyring()),
                        Optional.of(access.cluster()),
                        asked.or(() -> Optional.ofNullable(own)));
        Optional<TimelineId> committed =
                state != null && isOwn ? Optional.of(state.lineage().timeline()) : Optional.empty();
        return new Found(archive, committed, isSilent);
    }
}
