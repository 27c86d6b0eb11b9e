package io.matriarch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** One-shot work with PostgreSQL's programs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SuperviseJobIT extends SuperviseFixture {

    @Test
    void initdb_makes_a_data_directory_that_then_starts() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withoutData(template())) {
            postgres.startSupervisor();
            postgres.control.lease("primary", 1, 6000);
            initdb(postgres);

            List<String> answer = answer(postgres, "j1");

            assertThat(answer.getFirst()).isEqualTo("0");
            assertThat(postgres.data.resolve("PG_VERSION")).exists();
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void without_a_lease_no_cluster_is_made() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withoutData(template())) {
            postgres.startSupervisor();
            postgres.control.lease("standby", 2, 0);
            initdb(postgres);

            List<String> answer = answer(postgres, "j1");

            assertThat(answer.getFirst()).isEqualTo("124");
            assertThat(answer.get(1)).contains("no valid lease");
            assertThat(postgres.data).doesNotExist();
        }
    }

    @Test
    void a_look_at_the_control_file_runs_beside_a_postmaster()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startStandby();
            job(postgres, "rewind", "pg_rewind", "--version");
            job(postgres, "look", "pg_controldata", "-D", postgres.data.toString());

            List<String> answer = answer(postgres, "look");

            assertThat(answer.getFirst()).isEqualTo("0");
            assertThat(answer).anyMatch(line -> line.startsWith("pg_control version number:"));
            assertThat(postgres.control.file("jobs/rewind.done")).doesNotExist();
            postgres.control.desire("stopped", "fast");
            assertThat(answer(postgres, "rewind").getFirst()).isEqualTo("0");
        }
    }

    @Test
    void a_failing_job_answers_with_its_status_and_words()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startSupervisor();
            job(postgres, "j1", "pg_controldata", "-D", "/nonexistent");

            List<String> answer = answer(postgres, "j1");

            assertThat(answer.getFirst()).isEqualTo("1");
            assertThat(answer.get(1)).contains("/nonexistent");
        }
    }

    @Test
    void an_unknown_program_is_refused() throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template())) {
            postgres.startSupervisor();
            job(postgres, "j1", "/bin/sh", "-c", "true");

            List<String> answer = answer(postgres, "j1");

            assertThat(answer.getFirst()).isEqualTo("126");
            assertThat(answer.get(1)).startsWith("unknown program: '/bin/sh' (expected");
        }
    }

    @Test
    void a_job_outlives_its_supervisor_keeps_a_postmaster_away_and_ends_when_asked()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template());
                var mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            postgres.startSupervisor();
            startEndlessJob(postgres, mute);
            postgres.killSupervisors();
            postgres.startSupervisor();
            postgres.control.desire("running", "fast");
            await().during(Duration.ofSeconds(1))
                    .until(() -> postgres.control.actual("state").equals("stopped"));
            assertThat(postgres.control.file("jobs/j1.done")).doesNotExist();

            postgres.control.write("jobs/j1.stop", "");

            assertThat(answer(postgres, "j1").getFirst()).isEqualTo("143");
            postgres.awaitConnections();
        }
    }

    @Test
    void a_job_whose_witness_was_killed_is_answered_for_and_ended()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template());
                var mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            postgres.startSupervisor();
            var run = startEndlessJob(postgres, mute);

            SupervisedPostgres.signal("KILL", Long.parseLong(run.get("witness")));

            assertThat(answer(postgres, "j1").getFirst()).isEqualTo("125");
            assertThat(postgres.isLockFree()).isTrue();
        }
    }

    @Test
    void a_job_lost_while_no_supervisor_ran_is_answered_for()
            throws IOException, InterruptedException {
        try (var postgres = SupervisedPostgres.withData(template());
                var mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            postgres.startSupervisor();
            var run = startEndlessJob(postgres, mute);
            postgres.killSupervisors();
            SupervisedPostgres.signal("KILL", Long.parseLong(run.get("witness")));

            postgres.startSupervisor();

            assertThat(answer(postgres, "j1")).first().isEqualTo("125");
            await().until(postgres::isLockFree);
        }
    }

    /** A copy from a server that accepts and never says a word. */
    private static Map<String, String> startEndlessJob(
            SupervisedPostgres postgres, ServerSocket mute) {
        job(
                postgres,
                "j1",
                "pg_basebackup",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(mute.getLocalPort()),
                "-D",
                postgres.data + ".copy");
        await().until(() -> postgres.control.read("jobs/j1.run").containsKey("program"));
        await().until(() -> !postgres.isLockFree());
        return postgres.control.read("jobs/j1.run");
    }

    private static void initdb(SupervisedPostgres postgres) {
        job(
                postgres,
                "j1",
                "initdb",
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "-D",
                postgres.data.toString());
    }

    private static void job(SupervisedPostgres postgres, String id, String... words) {
        postgres.control.write("jobs/" + id, String.join("\n", words) + "\n");
    }

    private static List<String> answer(SupervisedPostgres postgres, String id) throws IOException {
        var file = postgres.control.file("jobs/" + id + ".done");
        await("the answer to " + id).atMost(Duration.ofSeconds(30)).until(() -> Files.exists(file));
        return Files.readAllLines(file);
    }
}
