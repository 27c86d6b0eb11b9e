package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process that takes one backup of a {@link TestCluster}, so that it can be killed, or held to a
 * small heap. It tells of each object on standard output before it is put.
 */
final class BackupProcess {

    static final String PUT = "put ";

    private BackupProcess() {}

    static Process begin(TestCluster cluster, String heap) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + heap,
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+ExitOnOutOfMemoryError",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                BackupProcess.class.getName()));
        command.add(cluster.folder().resolve("store").toString());
        command.add(cluster.layout().systemIdentifier().toString());
        command.add(cluster.data().toString());
        command.add(Integer.toString(cluster.port()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    public static void main(String[] arguments) throws Exception {
        ServerAddress server =
                ServerAddress.tcp(
                        "127.0.0.1",
                        Integer.parseInt(arguments[3]),
                        TestCluster.USER,
                        Optional.empty());
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse("file://" + arguments[0])))) {
            ObjectStore watched =
                    new WatchedStore(
                            store,
                            call -> {
                                if (call.startsWith(PUT)) {
                                    System.out.println(call);
                                }
                                return false;
                            });
            BaseBackup backup =
                    new BackupRun(
                                    watched,
                                    new RepositoryLayout(
                                            new ClusterName("test"),
                                            SystemIdentifier.parse(arguments[1])),
                                    new BackupSource(server, Path.of(arguments[2]), "node1", 1),
                                    new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1))
                                            .withJournalEvery(Duration.ZERO),
                                    new WalSwitch(server))
                            .run("by a process", TransferProgress.SILENT);
            System.out.println("done " + backup.id());
        }
    }
}
