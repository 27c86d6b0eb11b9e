package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A cluster that is written to while it is backed up, and restores of it to several targets. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupAndRestoreIT {

    private TestCluster cluster;
    private BaseBackup backup;
    private Lsn beforeDelete;
    private Instant beforeDrop;
    private String accounts;
    private String branches;

    @BeforeAll
    void a_cluster_with_a_past() throws Exception {
        cluster = TestCluster.start();
        Path tablespace = TestCluster.own(Files.createDirectory(cluster.fresh("space")));
        cluster.sql("CREATE TABLESPACE elsewhere LOCATION '" + tablespace + "'");
        pgbench("--initialize", "--scale=3", "--quiet");
        cluster.sql(
                "CREATE TABLE kept TABLESPACE elsewhere AS SELECT g FROM generate_series(1, 5000) g");
        cluster.sql("CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS one");

        Path output = cluster.fresh("pgbench.out");
        Process load =
                TestCluster.begin(
                        output,
                        TestCluster.PROGRAMS.resolve("pgbench").toString(),
                        "--host=127.0.0.1",
                        "--port=" + cluster.port(),
                        "--username=" + TestCluster.USER,
                        "--client=2",
                        "--time=600",
                        "postgres");
        try {
            backup = run().run("under load", TransferProgress.SILENT);
        } finally {
            load.destroy();
            load.waitFor();
        }

        accounts = cluster.sql("SELECT sum(abalance), count(*) FROM pgbench_accounts");
        branches = cluster.sql("SELECT sum(bbalance) FROM pgbench_branches");
        beforeDelete = Lsn.parse(cluster.sql("SELECT pg_current_wal_insert_lsn()"));
        cluster.sql("DELETE FROM kept WHERE g > 100");
        beforeDrop = Instant.parse(utcNow());
        cluster.sql("SELECT pg_sleep(0.2)");
        cluster.sql("DROP TABLE pgbench_accounts");
        cluster.sql("CREATE TABLE latest (id int)");
        archiveAll();
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void the_backup_is_listed_with_what_it_consists_of() {
        assertThat(Backups.list(cluster.store(), cluster.layout())).containsExactly(backup);
        assertThat(backup.label()).isEqualTo("under load");
        assertThat(backup.server().hasChecksums()).isTrue();
        assertThat(backup.corruptPages()).isEmpty();
        assertThat(backup.wal().mark()).isPresent();
        assertThat(backup.tablespaces()).extracting("name").containsExactly("elsewhere");
    }

    @Test
    void the_latest_restore_has_everything() throws Exception {
        Path directory = restore("latest", RestoreRequest.of(new RestoreTarget.Latest()));

        started(
                directory,
                port -> {
                    assertThat(TestCluster.sql(port, "SELECT count(*) FROM latest")).isEqualTo("0");
                    assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept")).isEqualTo("100");
                    assertThat(TestCluster.sql(port, "SELECT sum(bbalance) FROM pgbench_branches"))
                            .isEqualTo(branches);
                    assertThat(TestCluster.sql(port, "SELECT count(*) FROM fleeting"))
                            .isEqualTo("0");
                });
    }

    @Test
    void a_dropped_table_is_back_as_it_was_a_moment_before() throws Exception {
        Path directory =
                restore(
                        "dropped",
                        RestoreRequest.of(new RestoreTarget.PointInTime(beforeDrop, true)));

        RecoveryOutcome outcome =
                started(
                        directory,
                        port -> {
                            assertThat(
                                            TestCluster.sql(
                                                    port,
                                                    "SELECT sum(abalance), count(*) FROM"
                                                            + " pgbench_accounts"))
                                    .isEqualTo(accounts);
                            assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept"))
                                    .isEqualTo("100");
                            assertThat(TestCluster.sql(port, "SHOW archive_mode")).isEqualTo("off");
                        });
        assertThat(outcome.lastCommit())
                .hasValueSatisfying(t -> assertThat(t).isBefore(beforeDrop));
    }

    @Test
    void a_position_is_met() throws Exception {
        Path directory =
                restore(
                        "position",
                        RestoreRequest.of(new RestoreTarget.AtLsn(beforeDelete, false)));

        started(
                directory,
                port ->
                        assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept"))
                                .isEqualTo("5000"));
    }

    /** The commands of docs/restore-by-hand.md: a store, zstd, tar, and PostgreSQL. */
    @Test
    void a_person_with_zstd_and_tar_restores_without_this_program() throws Exception {
        Path directory = cluster.fresh("by-hand");
        Path space = cluster.fresh("by-hand-space");
        Path repository = cluster.repository();
        Path folder = repository.resolve(cluster.layout().backupFolder(backup.id()));
        Path wal = repository.resolve(cluster.layout().walFolder());
        int port = FreePort.draw();
        long oid = backup.tablespaces().getFirst().oid();
        TestCluster.run(
                "bash",
                "-c",
                """
                set -e -o pipefail
                mkdir -m 700 '%1$s' '%1$s/pg_tblspc' '%2$s'
                ln -s '%2$s' '%1$s/pg_tblspc/%3$d'
                for bundle in '%4$s'/bundle-*.tar.zst; do
                    zstd -dc "$bundle" | tar -x --exclude tablespace_map -C '%1$s'
                done
                """
                        .formatted(directory, space, oid, folder));
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
        TestCluster.run(
                "bash",
                "-c",
                """
                set -e
                cat >> '%1$s/postgresql.auto.conf' <<'END'
                port = %2$d
                archive_mode = off
                restore_command = 'f=%3$s/$(echo %%f | cut -c1-8)/%%f.zst; test -f $f || exit 1; zstd -q -d -f $f -o %%p || exit 126'
                recovery_target_timeline = '1'
                recovery_target_time = '%4$s'
                recovery_target_action = promote
                END
                touch '%1$s/recovery.signal'
                '%5$s/pg_ctl' start --wait -D '%1$s' -l '%1$s.log'
                """
                        .formatted(
                                directory,
                                port,
                                wal,
                                beforeDrop.toString().replace('T', ' ').replace("Z", "+00"),
                                TestCluster.PROGRAMS));
        try {
            awaitility()
                    .until(() -> TestCluster.sql(port, "SELECT pg_is_in_recovery()").equals("f"));
            assertThat(
                            TestCluster.sql(
                                    port, "SELECT sum(abalance), count(*) FROM pgbench_accounts"))
                    .isEqualTo(accounts);
        } finally {
            stop(directory);
        }
    }

    private static void stop(Path directory) throws IOException, InterruptedException {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                "stop",
                "--mode=fast",
                "--pgdata=" + directory);
    }

    private static ConditionFactory awaitility() {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions();
    }

    private interface Checks {
        void on(int port) throws Exception;
    }

    private RecoveryOutcome started(Path directory, Checks checks) throws Exception {
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
            RecoveryOutcome outcome = server.follow(progress -> {});
            assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
            checks.on(port);
            return outcome;
        } finally {
            server.stop();
        }
    }

    private Path restore(String name, RestoreRequest request) throws Exception {
        Path directory = cluster.fresh(name);
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.of(
                                        cluster.store(), cluster.layout(), Optional.empty()))
                        .plan(request);
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        RestorePlan plan = ((Planning.Planned) planning).plan();
        RestoreOptions options =
                new RestoreOptions(
                        directory,
                        RestoreMode.Recover.DEFAULT,
                        Map.of(
                                backup.tablespaces().getFirst().oid(),
                                cluster.fresh(name + "-space")),
                        TestCluster.owner(),
                        4);
        new RestoreRun(cluster.store(), cluster.layout(), plan, options)
                .run(TransferProgress.SILENT);
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
        return directory;
    }

    private BackupRun run() {
        return new BackupRun(
                cluster.store(),
                cluster.layout(),
                new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                new BackupSettings(2, 1, 4 << 20, Duration.ofMinutes(1)),
                new WalSwitch(cluster.address()));
    }

    private void pgbench(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 5];
        command[0] = TestCluster.PROGRAMS.resolve("pgbench").toString();
        command[1] = "--host=127.0.0.1";
        command[2] = "--port=" + cluster.port();
        command[3] = "--username=" + TestCluster.USER;
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        command[command.length - 1] = "postgres";
        TestCluster.run(command);
    }

    private String utcNow() throws Exception {
        return cluster.sql(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                        + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }

    private void archiveAll() throws Exception {
        String last = cluster.sql("SELECT pg_walfile_name(pg_switch_wal())");
        awaitility()
                .until(() ->
                        cluster.sql("SELECT last_archived_wal FROM pg_stat_archiver")
                                        .compareTo(last)
                                >= 0);
    }
}
