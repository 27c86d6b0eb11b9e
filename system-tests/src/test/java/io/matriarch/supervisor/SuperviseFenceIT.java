package io.matriarch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The dead man's switch: who may not write does not write. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SuperviseFenceIT extends SuperviseFixture {

    /** One poll and what a loaded machine may add. */
    private static final long MARGIN_CENTIS = SupervisedPostgres.POLL_MILLIS / 10 + 30;

    @Test
    void no_commit_is_acknowledged_after_the_deadline()
            throws IOException, InterruptedException, ExecutionException {
        try (var postgres = SupervisedPostgres.withData(template());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long deadline = postgres.startPrimary(1, 400);

            long last = lastCommit(postgres, threads).get();

            assertThat(last).isBetween(deadline - 100, deadline + MARGIN_CENTIS);
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("fenced");
            assertThat(postgres.control.actual("lock")).isEqualTo("free");
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void a_damaged_lease_keeps_the_last_deadline()
            throws IOException, InterruptedException, ExecutionException {
        try (var postgres = SupervisedPostgres.withData(template());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long deadline = postgres.startPrimary(1, 500);
            Future<Long> last = lastCommit(postgres, threads);

            postgres.control.damageLease();

            assertThat(last.get()).isBetween(deadline - 100, deadline + MARGIN_CENTIS);
            assertThat(postgres.log()).contains("lease is damaged");
        }
    }

    @Test
    void a_lease_whose_epoch_goes_backwards_extends_nothing()
            throws IOException, InterruptedException, ExecutionException {
        try (var postgres = SupervisedPostgres.withData(template());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long deadline = postgres.startPrimary(7, 500);
            Future<Long> last = lastCommit(postgres, threads);

            postgres.control.lease("primary", 6, 6000);

            assertThat(last.get()).isBetween(deadline - 100, deadline + MARGIN_CENTIS);
            assertThat(postgres.log()).containsOnlyOnce("epoch goes backwards");
            assertThat(postgres.control.actual("epoch")).isEqualTo("7");
        }
    }

    @Test
    void a_renewed_lease_carries_the_primary_over_the_first_deadline()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            long deadline = postgres.startPrimary(1, 300);

            postgres.control.lease("primary", 1, 6000);

            await().until(() -> ControlFiles.bootCentis() > deadline + MARGIN_CENTIS);
            assertThat(postgres.control.actual("state")).isEqualTo("running");
            assertThat(postgres.control.actual("mode")).isEqualTo("primary");
        }
    }

    @Test
    void a_lease_for_a_standby_ends_a_primary_at_once() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startPrimary(1, 6000);

            postgres.control.lease("standby", 2, 0);

            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("fenced");
        }
    }

    @Test
    void a_fenced_primary_starts_again_only_when_asked_anew_and_as_a_standby()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startPrimary(1, 300);
            postgres.awaitActual("cause", "fenced");
            postgres.awaitActual("state", "stopped");
            await().during(Duration.ofSeconds(1))
                    .until(() -> postgres.control.actual("state").equals("stopped"));

            long sequence = postgres.control.desire("running", "fast");

            postgres.awaitActual("sequence", String.valueOf(sequence));
            postgres.awaitConnections();
            assertThat(postgres.control.actual("mode")).isEqualTo("standby");
            assertThat(postgres.isInRecovery()).isTrue();
        }
    }

    @Test
    void a_standby_promoted_by_hand_is_fenced()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();

            execute(postgres, "SELECT pg_promote(false)");

            postgres.awaitActual("cause", "fenced");
            postgres.awaitActual("state", "stopped");
        }
    }

    @Test
    void a_frozen_postmaster_is_fenced_with_all_its_backends()
            throws IOException, InterruptedException, ExecutionException {
        try (var postgres = SupervisedPostgres.withData(template());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long deadline = postgres.startPrimary(1, 400);
            Future<Long> last = lastCommit(postgres, threads);

            SupervisedPostgres.signal("STOP", postgres.postmaster());

            // It cannot hear SIGQUIT, so its backends live for the second before everything is
            // killed.
            assertThat(last.get()).isBetween(deadline - 100, deadline + 100 + MARGIN_CENTIS);
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("fenced");
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void a_lease_left_from_another_boot_permits_nothing() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.control.leaveActualOfAnotherBoot();
            postgres.control.lease("primary", 3, 6000);
            postgres.control.desire("running", "fast");

            postgres.startSupervisor();

            postgres.awaitActual("state", "running");
            assertThat(postgres.control.actual("mode")).isEqualTo("standby");
            assertThat(postgres.control.actual("epoch")).isEqualTo("3");
        }
    }

    @Test
    void a_backend_that_outlives_its_postmaster_cannot_commit()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            postgres.startPrimary(1, 6000);
            execute(postgres, "CREATE TABLE t (i int)");
            Future<?> transaction =
                    threads.submit(() -> {
                        execute(
                                postgres,
                                "BEGIN; INSERT INTO t VALUES (1); " + busy() + "; COMMIT");
                        return true;
                    });
            await().until(() ->
                    count(postgres, "pg_stat_activity WHERE query LIKE 'BEGIN; INSERT%'") == 1);

            SupervisedPostgres.signal("KILL", postgres.postmaster());

            assertThatThrownBy(transaction::get).hasCauseInstanceOf(SQLException.class);
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("crashed");
            assertThat(postgres.control.actual("exit")).isEqualTo("137");
            assertThat(postgres.isLockFree()).isTrue();
            await().during(Duration.ofSeconds(1))
                    .until(() -> postgres.control.actual("state").equals("stopped"));

            postgres.control.desire("running", "fast");
            postgres.awaitConnections();
            assertThat(postgres.control.actual("mode")).isEqualTo("primary");
            assertThat(count(postgres, "t")).isZero();
        }
    }

    /**
     * Busy without waiting for anything: a backend that waits notices the end of its postmaster.
     */
    private static String busy() {
        return "DO $$ DECLARE t timestamptz := clock_timestamp(); BEGIN"
                + " WHILE clock_timestamp() < t + interval '8 s' LOOP END LOOP; END $$";
    }

    private static void execute(SupervisedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long count(SupervisedPostgres postgres, String what) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM " + what)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Commits on two connections until each breaks; the boot time of the last acknowledgement. */
    private static Future<Long> lastCommit(SupervisedPostgres postgres, ExecutorService threads) {
        return threads.submit(() -> {
            execute(postgres, "CREATE TABLE w (i int)");
            List<Future<Long>> writers = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                writers.add(threads.submit(() -> write(postgres)));
            }
            long last = 0;
            for (Future<Long> writer : writers) {
                last = Math.max(last, writer.get());
            }
            return last;
        });
    }

    private static long write(SupervisedPostgres postgres) {
        long last = 0;
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            while (true) {
                statement.execute("INSERT INTO w VALUES (1)");
                last = ControlFiles.bootCentis();
            }
        } catch (SQLException broken) {
            return last;
        }
    }
}
