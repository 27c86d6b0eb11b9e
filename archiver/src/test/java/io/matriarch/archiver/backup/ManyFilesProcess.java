package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.SidecarMemory;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.archiver.restore.RestoreRun;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A backup or a clone of many files, as a sidecar does it and with its memory. */
final class ManyFilesProcess {

    /** As a sidecar builds a standby from the archive. */
    private static final int RESTORED_AT_ONCE = 4;

    private ManyFilesProcess() {}

    /** Takes a backup; tells of each object on standard output before it is put. */
    static Process backup(TestCluster cluster) throws IOException {
        return start(cluster, "backup", cluster.data());
    }

    /** Builds a standby in {@code directory}. */
    static Process clone(TestCluster cluster, Path directory) throws IOException {
        return start(cluster, "clone", directory);
    }

    private static Process start(TestCluster cluster, String act, Path directory)
            throws IOException {
        return SidecarMemory.start(
                ManyFilesProcess.class,
                act,
                "file://" + cluster.folder().resolve("store"),
                cluster.layout().systemIdentifier().toString(),
                directory.toString(),
                Integer.toString(cluster.port()));
    }

    public static void main(String[] arguments) throws Exception {
        RepositoryLayout layout =
                new RepositoryLayout(new ClusterName("test"), SystemIdentifier.parse(arguments[2]));
        Path directory = Path.of(arguments[3]);
        try (SidecarMemory _ = SidecarMemory.occupied();
                ObjectStore store =
                        ObjectStore.open(StoreSettings.of(StoreLocation.parse(arguments[1])))) {
            switch (arguments[0]) {
                case "backup" -> backup(store, layout, directory, Integer.parseInt(arguments[4]));
                default -> restore(store, layout, directory);
            }
        }
    }

    private static void backup(ObjectStore store, RepositoryLayout layout, Path data, int port)
            throws InterruptedException {
        ServerAddress server =
                ServerAddress.tcp("127.0.0.1", port, TestCluster.USER, Optional.empty());
        ObjectStore watched =
                new WatchedStore(
                        store,
                        call -> {
                            System.out.println(call);
                            return false;
                        });
        new BackupRun(
                        watched,
                        layout,
                        new BackupSource(server, data, "node1", 1),
                        BackupSettings.DEFAULT,
                        new WalSwitch(server))
                .run("by a sidecar", TransferProgress.SILENT);
    }

    private static void restore(ObjectStore store, RepositoryLayout layout, Path directory)
            throws InterruptedException {
        Planning planning =
                new RestorePlanner(ArchiveSurvey.forRestore(store, layout, Optional.empty()))
                        .plan(RestoreRequest.of(new RestoreTarget.Latest()));
        if (!(planning instanceof Planning.Planned(var plan))) {
            throw new IllegalStateException(planning.toString());
        }
        RestoreOptions options =
                RestoreOptions.into(directory, RestoreMode.AsStandby.of(Map.of()))
                        .withParallel(RESTORED_AT_ONCE);
        new RestoreRun(
                        store,
                        layout,
                        plan,
                        TestCluster.owner().map(options::withOwner).orElse(options))
                .run(TransferProgress.SILENT);
    }
}
