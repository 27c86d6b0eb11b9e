package io.matriarch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Starting, stopping, promoting, and the life of the supervisor itself. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SuperviseIT extends SuperviseFixture {

    @Test
    void without_a_lease_every_start_is_a_standby()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();

            assertThat(postgres.control.read("actual"))
                    .containsEntry("state", "running")
                    .containsEntry("mode", "standby")
                    .containsEntry("lock", "held")
                    .containsEntry("sequence", "1")
                    .containsEntry(
                            "boot",
                            Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
            assertThat(postgres.isInRecovery()).isTrue();
            assertThat(postgres.isLockFree()).isFalse();
        }
    }

    @Test
    void with_a_valid_lease_a_primary_is_started()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startPrimary(1, 6000);

            assertThat(postgres.control.actual("mode")).isEqualTo("primary");
            assertThat(postgres.isInRecovery()).isFalse();
        }
    }

    @Test
    void stopping_fast_leaves_the_lock_free() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();

            long sequence = postgres.control.desire("stopped", "fast");

            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.read("actual"))
                    .containsEntry("sequence", String.valueOf(sequence))
                    .containsEntry("cause", "desired")
                    .containsEntry("exit", "0")
                    .containsEntry("pid", "0")
                    .containsEntry("mode", "-")
                    .containsEntry("lock", "free");
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void a_fast_stop_that_hangs_becomes_immediate_when_asked()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.configure("archive_mode = on");
            postgres.configure("archive_command = 'sleep 60'");
            postgres.startPrimary(1, 6000);
            try (Connection connection = postgres.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (i int); SELECT pg_switch_wal()");
            }
            postgres.control.desire("stopped", "fast");
            postgres.awaitActual("state", "stopping");
            await().during(Duration.ofSeconds(1))
                    .until(() -> postgres.control.actual("state").equals("stopping"));

            postgres.control.desire("stopped", "immediate");

            // What is left of archive_command holds the lock, too, and must not do so for a minute.
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("desired");
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void a_start_that_fails_is_tried_again() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            String good = Files.readString(postgres.data.resolve("postgresql.conf"));
            postgres.configure("no_such_setting = on");
            postgres.startSupervisor();
            postgres.control.desire("running", "fast");
            postgres.awaitActual("cause", "failed");
            await().until(() -> postgres.log().split("postmaster started", -1).length > 3);

            Files.writeString(postgres.data.resolve("postgresql.conf"), good);

            postgres.awaitConnections();
        }
    }

    @Test
    void a_supervisor_killed_and_started_again_adopts_the_postmaster()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startPrimary(1, 6000);
            long pid = postgres.postmaster();
            var first = ProcessHandle.of(pid).orElseThrow().info().startInstant();
            postgres.killSupervisors();

            postgres.startSupervisor();

            assertThat(postgres.postmaster()).isEqualTo(pid);
            assertThat(ProcessHandle.of(pid).orElseThrow().info().startInstant()).isEqualTo(first);
            assertThat(postgres.control.actual("mode")).isEqualTo("primary");
            assertThat(postgres.log()).containsOnlyOnce("event=\"postmaster started\"");
            postgres.control.desire("stopped", "fast");
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("exit")).isEqualTo("0");
        }
    }

    @Test
    void a_postmaster_is_found_even_when_its_note_is_lost()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();
            long pid = postgres.postmaster();
            postgres.killSupervisors();
            Files.delete(postgres.control.file("postmaster"));
            Files.delete(postgres.control.file("actual"));

            postgres.startSupervisor();

            assertThat(postgres.postmaster()).isEqualTo(pid);
        }
    }

    @Test
    void a_postmaster_that_died_without_a_supervisor_counts_as_crashed()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();
            long pid = postgres.postmaster();
            postgres.killSupervisors();
            SupervisedPostgres.signal("KILL", pid);

            postgres.startSupervisor();

            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("crashed");
            assertThat(postgres.control.actual("exit")).isEqualTo("137");
            await().during(Duration.ofSeconds(1))
                    .until(() -> postgres.control.actual("state").equals("stopped"));
        }
    }

    @Test
    void the_death_of_a_witness_leaves_the_postmaster_alone()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();
            long pid = postgres.postmaster();

            SupervisedPostgres.signal(
                    "KILL", Long.parseLong(postgres.control.read("postmaster").get("witness")));

            await().during(Duration.ofSeconds(1)).until(() -> postgres.postmaster() == pid);
            SupervisedPostgres.signal("KILL", pid);
            postgres.awaitActual("state", "stopped");
            assertThat(postgres.control.actual("cause")).isEqualTo("crashed");
            assertThat(postgres.control.actual("exit")).isEqualTo("-");
        }
    }

    @Test
    void the_trigger_file_promotes_only_with_the_epoch_of_the_lease()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();
            postgres.control.lease("primary", 3, 6000);
            postgres.control.write("promote", "2\n");
            await().until(() -> !Files.exists(postgres.control.file("promote")));
            assertThat(postgres.isInRecovery()).isTrue();

            postgres.control.write("promote", "3\n");

            postgres.awaitActual("mode", "primary");
            await().until(() -> !postgres.isInRecovery());
            await().until(() -> !Files.exists(postgres.control.file("promote")));
            assertThat(postgres.control.actual("state")).isEqualTo("running");
        }
    }

    @Test
    void a_trigger_file_left_over_is_removed_before_a_start()
            throws IOException, InterruptedException, SQLException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startSupervisor();
            postgres.control.write("promote", "1\n");

            postgres.control.desire("running", "fast");

            postgres.awaitConnections();
            assertThat(postgres.control.file("promote")).doesNotExist();
            assertThat(postgres.isInRecovery()).isTrue();
        }
    }

    @Test
    void the_end_of_the_supervisor_is_a_fast_stop() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            Process supervisor = postgres.startSupervisor();
            postgres.control.desire("running", "fast");
            postgres.awaitConnections();

            supervisor.destroy();

            assertThat(supervisor.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(supervisor.exitValue()).isZero();
            assertThat(postgres.control.actual("state")).isEqualTo("stopped");
            assertThat(postgres.control.actual("exit")).isEqualTo("0");
            assertThat(postgres.isLockFree()).isTrue();
            postgres.startSupervisor();
            postgres.awaitActual("state", "running");
        }
    }

    @Test
    void a_second_supervisor_is_refused() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();

            Process second = postgres.launch("bash", "supervise.sh");

            assertThat(second.waitFor()).isEqualTo(75);
            assertThat(postgres.log())
                    .contains(
                            "another supervisor is at work on the data directory " + postgres.data);
            assertThat(postgres.control.actual("state")).isEqualTo("running");
        }
    }

    @Test
    void an_absent_data_directory_is_waited_for() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withoutData(template())) {
            Process supervisor = postgres.startSupervisor();
            postgres.control.desire("running", "fast");
            await().during(Duration.ofSeconds(1))
                    .until(() ->
                            supervisor.isAlive()
                                    && postgres.control.actual("state").equals("stopped"));

            postgres.copyData();

            postgres.awaitConnections();
        }
    }

    @Test
    void a_wrong_setting_is_refused_in_words() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            Process refused =
                    postgres.launch("env", "MATRIARCH_POLL_MILLIS=1s", "bash", "supervise.sh");

            assertThat(refused.waitFor()).isEqualTo(78);
            assertThat(postgres.log())
                    .contains("MATRIARCH_POLL_MILLIS: '1s' (expected: a whole number");
        }
    }
}
