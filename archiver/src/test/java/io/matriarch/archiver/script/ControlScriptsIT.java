package io.matriarch.archiver.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts as PostgreSQL calls them, with a person writing the sidecar's words. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ControlScriptsIT {

    private static final String NAME = "000000010000000000000001";

    @TempDir Path directory;
    private Path control;
    private Path push;
    private Path fetch;
    private Path target;

    @BeforeEach
    void install() throws IOException {
        control = Files.createDirectory(directory.resolve("control"));
        push = Files.createDirectories(directory.resolve("spool/push"));
        fetch = Files.createDirectories(directory.resolve("spool/fetch"));
        target = directory.resolve("RECOVERYXLOG");
        new ControlScripts(control, directory.resolve("spool"), 126).install();
    }

    private record Ended(int status, String said) {}

    private Process begin(String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "exec \"$@\"", "sh"));
        words.add(control.resolve(command[0]).toString());
        words.addAll(List.of(command).subList(1, command.length));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private Ended awaitEnd(Process process) throws Exception {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(directory.resolve("output")));
    }

    private Ended archive() throws Exception {
        return awaitEnd(begin("archive-wal", "pg_wal/" + NAME, NAME));
    }

    private Ended fetch() throws Exception {
        return awaitEnd(begin("fetch-wal", NAME, target.toString()));
    }

    @Test
    void they_are_executable_and_name_their_directories() throws IOException {
        Path script = control.resolve("archive-wal");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script)))
                .isEqualTo("rwxr-xr-x");
        assertThat(Files.readString(script))
                .contains("control='" + control + "'")
                .doesNotContain("@");
        assertThat(new ControlScripts(control, push, 1).archiveCommand())
                .isEqualTo("exec " + script + " %p %f");
    }

    @Test
    void a_confirmed_file_is_archived() throws Exception {
        Files.createFile(push.resolve(NAME + ".ok"));

        assertThat(archive().status()).isZero();
    }

    @Test
    void a_refusal_is_said() throws Exception {
        Files.writeString(push.resolve(NAME + ".error"), "other content\n");

        Ended ended = archive();

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.said()).contains(NAME, "other content");
    }

    @Test
    void a_confirmation_that_comes_later_is_waited_for() throws Exception {
        Process waiting = begin("archive-wal", "pg_wal/" + NAME, NAME);
        assertThat(waiting.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();

        Files.createFile(push.resolve(NAME + ".ok"));

        assertThat(awaitEnd(waiting).status()).isZero();
    }

    @Test
    void a_shutdown_is_not_held() throws Exception {
        Files.writeString(
                control.resolve("desired"), "format=1 sequence=3 state=stopped stop_mode=fast\n");
        long began = System.nanoTime();

        Ended ended = archive();

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.said()).contains("being stopped");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(400), Duration.ofSeconds(5));
    }

    /** The shell's child has ended, and its number belongs to somebody else by now. */
    @ParameterizedTest
    @ValueSource(strings = {"archive-wal", "fetch-wal"})
    void nobody_else_is_ended_with_the_script(String name) throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Path script = control.resolve(name);
            Files.writeString(
                    script, Files.readString(script).replace("ring=$!", "ring=" + stranger.pid()));
            Path bell = control.resolve("bell.sidecar");
            assertThat(new ProcessBuilder("mkfifo", bell.toString()).start().waitFor()).isZero();
            Process listener = listenTo(bell);
            boolean isArchiving = name.equals("archive-wal");
            Process waiting =
                    isArchiving
                            ? begin(name, "pg_wal/" + NAME, NAME)
                            : begin(name, NAME, target.toString());
            assertThat(listener.waitFor(20, TimeUnit.SECONDS)).isTrue();

            Files.writeString(
                    directory
                            .resolve(isArchiving ? "spool/push" : "spool/fetch")
                            .resolve(NAME + ".error"),
                    "refused\n");

            assertThat(awaitEnd(waiting).said()).contains("refused");
            assertThat(stranger.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
        } finally {
            stranger.destroy();
        }
    }

    /** It has opened the bell, as a sidecar has: a ring that nobody could hear is lost. */
    private static Process listenTo(Path bell) throws IOException {
        Process listener =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "exec 3<> \"$1\" && echo listens && exec head -c 1 <&3",
                                "sh",
                                bell.toString())
                        .start();
        assertThat(listener.inputReader().readLine()).isEqualTo("listens");
        return listener;
    }

    @Test
    void the_sidecar_is_rung_and_nobody_listening_blocks_nothing() throws Exception {
        Path bell = control.resolve("bell.sidecar");
        assertThat(new ProcessBuilder("mkfifo", bell.toString()).start().waitFor()).isZero();
        Files.createFile(push.resolve(NAME + ".ok"));
        assertThat(archive().status()).isZero();
        Files.delete(push.resolve(NAME + ".ok"));

        Process listener = listenTo(bell);
        Process waiting = begin("archive-wal", "pg_wal/" + NAME, NAME);

        assertThat(listener.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(listener.inputReader().readLine()).isEqualTo("a");
        Files.createFile(push.resolve(NAME + ".ok"));
        assertThat(awaitEnd(waiting).status()).isZero();
    }

    @Test
    void the_lock_of_the_data_directory_is_let_go() throws Exception {
        Path lock = directory.resolve("lock");
        Process holder =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                "exec 9> "
                                        + lock
                                        + "; flock 9; "
                                        + control.resolve("archive-wal")
                                        + " x "
                                        + NAME
                                        + " & exec 9>&-; wait")
                        .start();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> {
                    Process probe =
                            new ProcessBuilder("flock", "-n", lock.toString(), "true").start();
                    assertThat(probe.waitFor()).isZero();
                });
        assertThat(holder.isAlive()).isTrue();
        Files.createFile(push.resolve(NAME + ".ok"));
        assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void it_ends_when_its_parent_is_gone() throws Exception {
        Process parent =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                control.resolve("archive-wal") + " x " + NAME + "; true")
                        .start();
        await().atMost(Duration.ofSeconds(10)).until(() -> parent.children().count() == 1);
        ProcessHandle script = parent.children().findFirst().orElseThrow();

        parent.destroyForcibly();

        await().atMost(Duration.ofSeconds(5)).until(() -> !script.isAlive());
    }

    @Test
    void a_file_that_lies_ready_is_put_in_place() throws Exception {
        Files.writeString(fetch.resolve(NAME), "content");

        assertThat(fetch().status()).isZero();

        assertThat(target).hasContent("content");
        assertThat(fetch).isEmptyDirectory();
    }

    @Test
    void taking_a_file_that_lies_ready_rings_the_sidecar_so_that_it_fetches_on() throws Exception {
        Path bell = control.resolve("bell.sidecar");
        assertThat(new ProcessBuilder("mkfifo", bell.toString()).start().waitFor()).isZero();
        Process listener = listenTo(bell);
        Files.writeString(fetch.resolve(NAME), "content");

        assertThat(fetch().status()).isZero();

        assertThat(listener.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(listener.inputReader().readLine()).isEqualTo("f");
    }

    @Test
    void a_file_is_asked_for_and_waited_for() throws Exception {
        Process waiting = begin("fetch-wal", NAME, target.toString());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Files.exists(fetch.resolve(NAME + ".want")));

        Files.writeString(fetch.resolve(NAME), "content");

        assertThat(awaitEnd(waiting).status()).isZero();
        assertThat(target).hasContent("content");
        assertThat(fetch).isEmptyDirectory();
    }

    @Test
    void absence_and_trouble_are_told_apart() throws Exception {
        Process absent = begin("fetch-wal", NAME, target.toString());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Files.exists(fetch.resolve(NAME + ".want")));
        Files.createFile(fetch.resolve(NAME + ".absent"));
        assertThat(awaitEnd(absent).status()).isEqualTo(1);

        Process troubled = begin("fetch-wal", NAME, target.toString());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Files.exists(fetch.resolve(NAME + ".want")));
        Files.writeString(fetch.resolve(NAME + ".error"), "the store is down\n");
        Ended ended = awaitEnd(troubled);

        assertThat(ended.status()).isEqualTo(126);
        assertThat(ended.said()).contains("the store is down");
        assertThat(fetch).isEmptyDirectory();
    }

    @Test
    void a_silent_sidecar_is_trouble_and_an_old_answer_is_none() throws Exception {
        Files.createFile(fetch.resolve(NAME + ".absent"));

        Ended ended = fetch();

        assertThat(ended.status()).isEqualTo(126);
        assertThat(ended.said()).contains("no answer from the sidecar within 10 s");
    }

    @Test
    void directories_that_a_shell_could_misread_are_refused() {
        assertThatThrownBy(() -> new ControlScripts(Path.of("/a b"), push, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/a b");
    }

    @Test
    void shellcheck_has_nothing_to_say() throws Exception {
        Path program = Path.of("/usr/bin/shellcheck");
        assumeTrue(Files.isExecutable(program));
        Process check =
                new ProcessBuilder(
                                program.toString(),
                                control.resolve("archive-wal").toString(),
                                control.resolve("fetch-wal").toString())
                        .redirectErrorStream(true)
                        .start();

        assertThat(check.inputReader().lines().toList()).isEmpty();
        assertThat(check.waitFor()).isZero();
    }
}
