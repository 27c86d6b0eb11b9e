package io.matriarch.cli.access;

import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.SystemIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The part of an open repository that holds one cluster.
 *
 * @param note what a person should know about whose it is
 */
public record Archive(
        StoreLocation location, ObjectStore store, RepositoryLayout layout, Optional<String> note)
        implements AutoCloseable {

    /**
     * Opens a repository, finds the cluster in it, and refuses what is not that cluster's or of a
     * newer format.
     *
     * @param keyring what decrypts its content
     * @param cluster empty if there is only one
     * @param system empty if there is only one
     */
    public static Archive open(
            StoreSettings settings,
            Keyring keyring,
            Optional<ClusterName> cluster,
            Optional<SystemIdentifier> system) {
        ObjectStore store = ObjectStore.open(settings, keyring);
        boolean isFound = false;
        try {
            ClusterName name =
                    cluster.isPresent() ? cluster.get() : onlyCluster(store, settings.location());
            SystemIdentifier identifier =
                    system.isPresent() ? system.get() : onlySystem(store, settings, name);
            RepositoryLayout layout = new RepositoryLayout(name, identifier);
            Archive archive =
                    new Archive(settings.location(), store, layout, claimed(store, layout));
            isFound = true;
            return archive;
        } finally {
            if (!isFound) {
                store.close();
            }
        }
    }

    /** The same for who reads nothing that may be encrypted. */
    public static Archive open(
            StoreSettings settings,
            Optional<ClusterName> cluster,
            Optional<SystemIdentifier> system) {
        return open(settings, Keyring.NONE, cluster, system);
    }

    private static Optional<String> claimed(ObjectStore store, RepositoryLayout layout) {
        try {
            return Claims.checkForReading(store, layout);
        } catch (RepositoryException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED, String.valueOf(e.getMessage()), e.hint(), e);
        }
    }

    private static ClusterName onlyCluster(ObjectStore store, StoreLocation location) {
        List<ClusterName> clusters = new ArrayList<>();
        for (String folder : store.listFolders("")) {
            name(folder).ifPresent(clusters::add);
        }
        if (clusters.isEmpty()) {
            throw CommandFailure.refused(
                    "repository: " + location + " holds no cluster (expected: at least one)",
                    "check the URL, with its prefix");
        }
        if (clusters.size() > 1) {
            throw CommandFailure.refused(
                    "repository: " + location + " holds several clusters: " + clusters,
                    "choose one with --cluster");
        }
        return clusters.getFirst();
    }

    private static Optional<ClusterName> name(String folder) {
        try {
            return Optional.of(new ClusterName(folder));
        } catch (IllegalArgumentException stranger) {
            return Optional.empty();
        }
    }

    private static SystemIdentifier onlySystem(
            ObjectStore store, StoreSettings settings, ClusterName cluster) {
        List<SystemIdentifier> systems = new ArrayList<>();
        for (String folder : store.listFolders(RepositoryLayout.clusterFolder(cluster))) {
            identifier(folder).ifPresent(systems::add);
        }
        if (systems.isEmpty()) {
            throw CommandFailure.refused(
                    "repository: "
                            + settings.location()
                            + " holds nothing of cluster "
                            + cluster
                            + " (expected: one of "
                            + store.listFolders("")
                            + ")",
                    identifier(cluster.value()).isPresent()
                            ? "the URL seems to end with a cluster's own folder: name the one above"
                            : "check the URL and the cluster's name");
        }
        if (systems.size() > 1) {
            throw CommandFailure.refused(
                    "repository: "
                            + settings.location()
                            + " holds several generations of cluster "
                            + cluster
                            + ", by system identifier: "
                            + systems,
                    "choose one with --system");
        }
        return systems.getFirst();
    }

    private static Optional<SystemIdentifier> identifier(String folder) {
        try {
            return Optional.of(SystemIdentifier.parse(folder));
        } catch (IllegalArgumentException stranger) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
