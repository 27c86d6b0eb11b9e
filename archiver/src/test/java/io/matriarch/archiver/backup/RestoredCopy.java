package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.archiver.restore.RestoreRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What comes out of a backup: restored, accepted by PostgreSQL's own program, and started. */
record RestoredCopy(TestCluster cluster, Path directory) {

    interface Checks {
        void on(int port) throws Exception;
    }

    /** All that was archived, from {@code backup} on. */
    static RestoredCopy of(TestCluster cluster, BaseBackup backup, String name) throws Exception {
        Path directory = cluster.fresh(name);
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.of(
                                        cluster.store(), cluster.layout(), Optional.empty()))
                        .plan(RestoreRequest.of(new RestoreTarget.Latest()));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        assertThat(((Planning.Planned) planning).plan().backup().id()).isEqualTo(backup.id());
        new RestoreRun(
                        cluster.store(),
                        cluster.layout(),
                        ((Planning.Planned) planning).plan(),
                        new RestoreOptions(
                                directory,
                                RestoreMode.Recover.DEFAULT,
                                Map.of(),
                                TestCluster.owner(),
                                4))
                .run(TransferProgress.SILENT);
        verify(directory);
        return new RestoredCopy(cluster, directory);
    }

    static void verify(Path directory) throws Exception {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
    }

    void started(Checks checks) throws Exception {
        int port = FreePort.draw();
        RestoredServer server =
                RestoredServer.start(
                        directory,
                        new ServerPrograms(
                                TestCluster.PROGRAMS,
                                TestCluster.owner(),
                                port,
                                TestCluster.USER,
                                Duration.ofMinutes(1)));
        try {
            server.follow(progress -> {});
            checks.on(port);
        } finally {
            server.stop();
        }
    }

    /** Every table and index, by PostgreSQL's own program. */
    static void checkAll(int port) throws Exception {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_amcheck").toString(),
                "--install-missing",
                "--heapallindexed",
                "--host=127.0.0.1",
                "--port=" + port,
                "--username=" + TestCluster.USER,
                "postgres");
    }
}
