package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The cluster's settings were raised after the backup, and replay needs them so. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RaisedSettingsIT {

    private static final String ROWS = "SELECT string_agg(g::text, ' ' ORDER BY g) FROM t";

    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;

    @BeforeAll
    void a_cluster_whose_settings_were_raised() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t (g int)");
        cluster.sql("INSERT INTO t VALUES (1)");
        set("max_prepared_transactions = 3\n");
        restores.backup("good");
        restores.archiveAll();
        set("max_connections = 200\nmax_worker_processes = 12\n");
        cluster.sql("INSERT INTO t VALUES (2)");
        restores.archiveAll();
        cluster.sql("INSERT INTO t VALUES (3)");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    private void set(String lines) throws Exception {
        cluster.stopServer("fast");
        Path settings = cluster.data().resolve("postgresql.conf");
        Files.writeString(settings, Files.readString(settings) + lines);
        cluster.startServer();
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_server_raises_them_and_comes_to_the_end() throws Exception {
        RecoveryOutcome outcome =
                restores.streamed(
                        plan,
                        Restores.into(cluster.fresh("raised")),
                        port -> {
                            assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1 2 3");
                            assertThat(TestCluster.sql(port, "SHOW max_connections"))
                                    .isEqualTo("200");
                        });

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        assertThat(outcome.raised())
                .containsEntry("max_connections", 200)
                .containsEntry("max_worker_processes", 12);
    }

    @Test
    void a_server_whose_configuration_did_not_come_along_raises_them_too() throws Exception {
        Path directory = cluster.fresh("bare");
        restores.restore(plan, Restores.into(directory));
        Files.delete(directory.resolve("postgresql.conf"));

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1 2 3"));

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        assertThat(outcome.raised()).containsEntry("max_prepared_transactions", 3);
    }

    @Test
    void a_server_that_is_to_pause_does_so_at_its_target_only() throws Exception {
        Path directory = cluster.fresh("paused");
        RestorePlan toThree =
                restores.plan(
                        RestoreRequest.of(
                                new RestoreTarget.Xid(
                                        Long.parseLong(
                                                cluster.sql("SELECT xmin FROM t WHERE g = 3")),
                                        true)));
        restores.restore(
                toThree,
                Restores.into(
                        directory,
                        new RestoreMode.Recover(RestoreMode.Action.PAUSE, Optional.empty())));

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1 2 3"));

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PAUSED);
    }

    @Test
    void a_replay_that_somebody_has_paused_is_no_success() throws Exception {
        Path directory = cluster.fresh("held");
        String last = plan.wal().getLast().name();
        CountDownLatch paused = new CountDownLatch(1);
        ObjectStore slow =
                new WatchedStore(
                        cluster.store(),
                        call -> {
                            if (call.contains(last)) {
                                await(paused);
                            }
                            return false;
                        });
        int port = FreePort.draw();
        RestoreRun run = new RestoreRun(slow, cluster.layout(), plan, Restores.into(directory));
        try (PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);
            RestoredServer server =
                    RestoredServer.start(
                            directory,
                            new ServerPrograms(
                                    TestCluster.PROGRAMS,
                                    TestCluster.owner(),
                                    port,
                                    TestCluster.USER,
                                    Duration.ofSeconds(10)));
            try {
                assertThatThrownBy(() -> server.follow(progress -> pause(port, paused)))
                        .isInstanceOf(RestoreException.class)
                        .hasMessageContaining("paused");
            } finally {
                server.stop();
            }
        }
        assertThat(directory.resolve("recovery.signal")).exists();
    }

    /** Each server that is started: the settings are raised first, one after the other. */
    private static void pause(int port, CountDownLatch paused) {
        try {
            if (TestCluster.sql(port, "SELECT pg_is_in_recovery()").equals("f")) {
                return;
            }
            TestCluster.sql(port, "SELECT pg_wal_replay_pause()");
            if (TestCluster.sql(port, "SHOW max_worker_processes").equals("12")) {
                paused.countDown();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch paused) {
        try {
            paused.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
