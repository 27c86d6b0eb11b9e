package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.retention.PruneReport;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.sql.WalSwitch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A real cluster with three timelines and five backups, pruned. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionIT {

    private int restores;

    @Test
    void whatever_a_pruning_keeps_is_restored_and_started() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            cluster.sql("CREATE TABLE steps (at int)");
            List<BaseBackup> taken = new ArrayList<>();
            for (int step = 0; step < 5; step++) {
                cluster.sql("INSERT INTO steps VALUES (" + step + ")");
                taken.add(backup(cluster));
                cluster.sql("SELECT pg_switch_wal()");
                if (step == 1 || step == 3) {
                    newTimeline(cluster);
                }
            }
            cluster.sql("INSERT INTO steps VALUES (5)");
            archiveAll(cluster);
            new Pins(cluster.store(), cluster.layout())
                    .pin(new Pin(taken.get(0).id(), "the first", Instant.now()));

            PruneReport report =
                    new Pruner(cluster.store(), cluster.layout(), () -> {})
                            .prune(
                                    RetentionFacts.of(
                                            cluster.store(),
                                            cluster.layout(),
                                            Optional.of(new TimelineId(3)),
                                            Set.of()),
                                    RetentionPolicy.keep(2),
                                    Instant.now());

            assertThat(report.backups()).isEqualTo(2);
            assertThat(report.walSegments()).isPositive();
            assertThat(taken.getLast().wal().timeline()).isEqualTo(new TimelineId(3));
            assertThat(Backups.list(cluster.store(), cluster.layout()))
                    .containsExactly(taken.get(0), taken.get(3), taken.get(4));
            assertThat(rows(cluster, taken.get(0), new RestoreTarget.Immediate())).isEqualTo("1");
            assertThat(rows(cluster, taken.get(3), new RestoreTarget.Immediate())).isEqualTo("4");
            assertThat(rows(cluster, taken.get(4), new RestoreTarget.Immediate())).isEqualTo("5");
            assertThat(rows(cluster, taken.get(3), new RestoreTarget.Latest())).isEqualTo("6");
        }
    }

    private static BaseBackup backup(TestCluster cluster) throws Exception {
        return new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 1),
                        BackupSettings.DEFAULT,
                        new WalSwitch(cluster.address()))
                .run("step", TransferProgress.SILENT);
    }

    /** The server recovers without an archive to ask, and goes on as a failover would. */
    private static void newTimeline(TestCluster cluster) throws Exception {
        archiveAll(cluster);
        cluster.stopServer("fast");
        Files.writeString(
                cluster.data().resolve("postgresql.auto.conf"), "restore_command = 'false'\n");
        TestCluster.own(Files.createFile(cluster.data().resolve("recovery.signal")));
        cluster.startServer();
        Awaitility.await("the new timeline")
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> cluster.sql("SELECT pg_is_in_recovery()").equals("f"));
    }

    private static void archiveAll(TestCluster cluster) throws Exception {
        String last = cluster.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
        cluster.sql("SELECT pg_switch_wal()");
        String key = cluster.layout().walFolder() + last.substring(0, 8) + "/" + last + ".zst";
        Awaitility.await("segment " + last)
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.store().head(key).isPresent());
    }

    private String rows(TestCluster cluster, BaseBackup backup, RestoreTarget target)
            throws Exception {
        Path directory = cluster.fresh("r" + restores++);
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.of(
                                        cluster.store(),
                                        cluster.layout(),
                                        Optional.of(new TimelineId(3))))
                        .plan(
                                new RestoreRequest(
                                        target, Optional.empty(), Optional.of(backup.id())));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        new RestoreRun(
                        cluster.store(),
                        cluster.layout(),
                        ((Planning.Planned) planning).plan(),
                        new RestoreOptions(
                                directory,
                                RestoreMode.Recover.DEFAULT,
                                Map.of(),
                                TestCluster.owner(),
                                2))
                .run(TransferProgress.SILENT);
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
            return TestCluster.sql(port, "SELECT count(*) FROM steps");
        } finally {
            restored.stop();
        }
    }
}
