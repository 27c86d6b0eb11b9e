package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.BesideWal;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same over S3's protocol, with bundles big enough to be sent in parts. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class S3BackupIT {

    @Test
    void a_backup_goes_to_s3_and_comes_back(@TempDir Path server) throws Exception {
        try (S3Server s3 = S3Server.start(server);
                ObjectStore bucket = ObjectStore.open(s3.settings("it"));
                TestCluster cluster = TestCluster.start()) {
            // Random text, so that it stays bigger than a part when compressed.
            cluster.sql(
                    "CREATE TABLE big AS SELECT g, gen_random_uuid()::text || gen_random_uuid() AS r"
                            + " FROM generate_series(1, 300000) g");
            String sum = cluster.sql("SELECT sum(hashtext(r)) FROM big");
            ObjectStore store = new BesideWal(bucket, cluster.store());

            BaseBackup backup =
                    new BackupRun(
                                    store,
                                    cluster.layout(),
                                    new BackupSource(cluster.address(), cluster.data(), "node1", 1),
                                    new BackupSettings(2, 1, 64 << 20, Duration.ofMinutes(1)),
                                    new WalSwitch(cluster.address()))
                            .run("to S3", TransferProgress.SILENT);
            Path directory = cluster.fresh("from-s3");
            Planning planning =
                    new RestorePlanner(ArchiveSurvey.of(store, cluster.layout(), Optional.empty()))
                            .plan(RestoreRequest.of(new RestoreTarget.Latest()));
            assertThat(planning).isInstanceOf(Planning.Planned.class);
            new RestoreRun(
                            store,
                            cluster.layout(),
                            ((Planning.Planned) planning).plan(),
                            new RestoreOptions(
                                    directory,
                                    RestoreMode.Recover.DEFAULT,
                                    Map.of(),
                                    TestCluster.owner(),
                                    4))
                    .run(TransferProgress.SILENT);

            assertThat(backup.objects()).anyMatch(object -> object.size() > 8 << 20);
            verify(directory);
            int port = FreePort.draw();
            RestoredServer restored =
                    RestoredServer.start(
                            directory,
                            new ServerPrograms(
                                    TestCluster.PROGRAMS,
                                    TestCluster.owner(),
                                    port,
                                    TestCluster.USER,
                                    Duration.ofMinutes(1)));
            try {
                restored.follow(progress -> {});
                assertThat(TestCluster.sql(port, "SELECT sum(hashtext(r)) FROM big"))
                        .isEqualTo(sum);
            } finally {
                restored.stop();
            }
        }
    }

    private static void verify(Path directory) throws IOException, InterruptedException {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
    }
}
