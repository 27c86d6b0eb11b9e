package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.access.ClusterAccess;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * What the operator's commands take from a sidecar's file. They need neither the passwords that it
 * names nor the rest of it, so they work where those cannot be read.
 */
public final class OperatorConfiguration {

    private OperatorConfiguration() {}

    public static ClusterAccess read(Path file) {
        Section root = Section.read(file);
        ZooKeeperSettings zookeeper = ClusterSection.zookeeper(root);
        StoreLocation repository = RepositorySection.location(root);
        return new ClusterAccess(
                new ClusterName(zookeeper.cluster()),
                zookeeper,
                StoreSettings.of(repository),
                EncryptionSection.keyring(root),
                List.of(),
                RetentionSection.policy(root),
                ArchiveSection.alarm(root),
                file);
    }
}
