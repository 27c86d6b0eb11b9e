package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.outside.Ended;
import io.matriarch.outside.FreePort;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Repository;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person gets wrong: one sentence, a status that says so, and nothing is changed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BadInputIT {

    private static final int USAGE = 2;
    private static final int REFUSED = 3;
    private static final int UNREACHABLE = 4;

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "1");

    private final RunningCluster cluster = CLUSTER.running();
    private final Launcher launcher = Launcher.here();
    private final Path target = CLUSTER.beside("target");
    private State before = new State("", 0);

    /** What a wrong command must leave as it is. */
    private record State(String primary, int backups) {}

    @BeforeEach
    void look() throws SQLException {
        await("the first scheduled backup is taken")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> state().backups() > 0);
        before = state();
    }

    @AfterEach
    void nothing_is_changed() throws SQLException {
        assertThat(state()).isEqualTo(before);
        assertThat(target).doesNotExist();
    }

    private State state() throws SQLException {
        try (Repository repository = Repository.of(cluster.file())) {
            return new State(cluster.primary().name(), repository.backups().size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"status", "switchover", "backup", "backups", "prune", "verify", "restore"})
    void an_unknown_option(String command) throws InterruptedException {
        assertSays(cluster.command(command, "--frobnicate"), USAGE, "--frobnicate");
    }

    @Test
    void an_unknown_command() throws InterruptedException {
        assertSays(launcher.run("frobnicate"), USAGE, "frobnicate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-13-45 10:00:00Z", "2026-11-21 25:61:00Z", ""})
    void a_malformed_time(String time) throws InterruptedException {
        assertSays(restore("--point-in-time", time), USAGE, time);
    }

    @Test
    void a_time_without_an_offset() throws InterruptedException {
        assertSays(restore("--point-in-time", "2026-11-21 10:00:00"), USAGE, "offset");
    }

    @Test
    void a_time_that_cannot_be_reached() throws InterruptedException {
        assertSays(restore("--point-in-time", "2001-01-01 00:00:00Z"), REFUSED, "before");
        assertSays(restore("--point-in-time", "2101-01-01 00:00:00Z"), REFUSED, "target");
    }

    @Test
    void a_target_directory_that_is_not_empty() throws InterruptedException, IOException {
        Path full = Files.createDirectory(CLUSTER.beside("full"));
        Path precious = Files.writeString(full.resolve("precious"), "mine");

        Ended ended = cluster.command("restore", "--latest", "--target-dir", full.toString());

        assertSays(ended, REFUSED, full.toString());
        try (var content = Files.list(full)) {
            assertThat(content.toList()).containsExactly(precious);
        }
        assertThat(precious).hasContent("mine");
    }

    @ParameterizedTest
    @CsvSource({"--sample, 0%", "--sample, some", "--jobs, 0", "--throttle, fast"})
    void a_verification_of_nothing(String option, String value) throws InterruptedException {
        assertSays(cluster.command("verify", option, value), USAGE, value);
    }

    @Test
    void no_repository_named() throws InterruptedException {
        Ended ended = launcher.run("restore", "--latest", "--target-dir", target.toString());

        assertSays(ended, USAGE, "repository");
    }

    @Test
    void a_repository_that_is_not_there() throws InterruptedException {
        String nowhere = CLUSTER.beside("nowhere").toString();

        Ended ended = restoreFrom(Map.of(), "file://" + nowhere);

        assertThat(ended.status()).isIn(REFUSED, UNREACHABLE);
        assertSays(ended, ended.status(), nowhere);
    }

    @Test
    void wrong_credentials() throws InterruptedException {
        String key = String.valueOf(cluster.file().env().get("AWS_ACCESS_KEY_ID"));

        Ended ended =
                restoreFrom(
                        Map.of("AWS_ACCESS_KEY_ID", key, "AWS_SECRET_ACCESS_KEY", "wrong"),
                        cluster.file().repository());

        assertSays(ended, UNREACHABLE, "SignatureDoesNotMatch");
        assertThat(ended.errors()).contains("the credentials are wrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "history", "switchover --yes", "backup", "prune --yes"})
    void zookeeper_unreachable(String command) throws InterruptedException, IOException {
        String closed = "127.0.0.1:" + FreePort.draw();
        Path elsewhere = Files.createDirectories(CLUSTER.beside("elsewhere"));
        String file = Files.readString(cluster.root().resolve("cluster.json"));
        Files.writeString(
                elsewhere.resolve("cluster.json"),
                file.replace(cluster.file().zookeeper(), closed));

        Ended ended = launcher.run((command + " --dir " + elsewhere).split(" ", -1));

        assertSays(ended, UNREACHABLE, closed);
    }

    @Test
    void a_data_directory_of_another_cluster_as_the_place_of_a_restore()
            throws InterruptedException, IOException {
        Path foreign = foreignDataDirectory();
        byte[] control = Files.readAllBytes(foreign.resolve("global/pg_control"));

        Ended ended = cluster.command("restore", "--latest", "--target-dir", foreign.toString());

        assertSays(ended, REFUSED, foreign.toString());
        assertThat(foreign.resolve("global/pg_control")).hasBinaryContent(control);
    }

    @Test
    void a_directory_that_is_not_a_local_cluster_s() throws InterruptedException, IOException {
        Path full = Files.createDirectories(CLUSTER.beside("somebody"));
        Files.writeString(full.resolve("file"), "mine");

        assertSays(launcher.run("local", "up", "--dir", full.toString()), REFUSED, full.toString());
        assertSays(launcher.run("status", "--dir", full.toString()), REFUSED, full.toString());
        try (var content = Files.list(full)) {
            assertThat(content).hasSize(1);
        }
    }

    private Path foreignDataDirectory() throws InterruptedException, IOException {
        Path foreign = CLUSTER.beside("foreign");
        if (!Files.exists(foreign)) {
            Files.createDirectory(foreign);
            cluster.owner().own(foreign);
            new Restoring(cluster)
                    .postgres(Map.of(), "initdb", "--no-sync", "--pgdata=" + foreign)
                    .orFail();
        }
        return foreign;
    }

    private Ended restore(String... what) throws InterruptedException {
        String[] options = List.of("--target-dir", target.toString()).toArray(new String[4]);
        System.arraycopy(what, 0, options, 2, 2);
        return cluster.command("restore", options);
    }

    private Ended restoreFrom(Map<String, String> environment, String repository)
            throws InterruptedException {
        return launcher.run(
                environment,
                "restore",
                "--latest",
                "--repository",
                repository,
                "--target-dir",
                target.toString());
    }

    /** One sentence with what was wrong, at most one hint, no stack. */
    private static void assertSays(Ended ended, int status, String what) {
        List<String> lines = ended.errors().lines().toList();
        assertThat(ended.status()).as("%s: %s", ended, ended.errors()).isEqualTo(status);
        assertThat(lines).as(ended.errors()).isNotEmpty().hasSizeLessThanOrEqualTo(2);
        assertThat(lines.getFirst()).startsWith("matriarch: ").contains(what);
        assertThat(lines.stream().skip(1)).allMatch(line -> line.startsWith("hint: "));
    }
}
