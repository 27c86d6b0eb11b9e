package io.matriarch.cli.access;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.MemberName;
import java.nio.file.Path;
import java.util.List;

/**
 * How to reach a cluster and its repository.
 *
 * @param keyring what decrypts the repository's content
 * @param members that the cluster should have; empty if nobody has said so
 * @param kept what the cluster's own pruning keeps
 * @param alarm from when on WAL that is not archived is trouble
 * @param source the file that said all this
 */
public record ClusterAccess(
        ClusterName cluster,
        ZooKeeperSettings zookeeper,
        StoreSettings repository,
        Keyring keyring,
        List<MemberName> members,
        RetentionPolicy kept,
        ArchiveAlarm alarm,
        Path source) {

    public ClusterAccess {
        members = List.copyOf(members);
    }
}
