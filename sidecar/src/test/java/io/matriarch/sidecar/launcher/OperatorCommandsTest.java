package io.matriarch.sidecar.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.cli.ExitStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the operator's commands answer to a bad command line; nothing of it needs a cluster. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OperatorCommandsTest {

    @TempDir private Path directory;

    private record Run(int code, String out, String err) {}

    private Run run(String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine matriarch =
                Matriarch.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] arguments = line.replace("DIR", directory.toString()).split(" +", -1);
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace('~', ' ');
        }
        return new Run(matriarch.execute(arguments), out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    status                                      | USAGE       | no cluster is named
                    status --dir DIR --config DIR/x             | USAGE       | two clusters are named
                    status --dir DIR --no-such                  | USAGE       | --no-such
                    status --dir DIR                            | REFUSED     | holds no cluster.json
                    status --config DIR/none                    | REFUSED     | cannot be read
                    history --dir DIR                           | REFUSED     | holds no cluster.json
                    switchover --dir DIR --timeout 5x           | USAGE       | expected: as in 90s
                    switchover --dir DIR --to Node              | USAGE       | member: Node
                    backup --dir DIR                            | REFUSED     | holds no cluster.json
                    backup --dir DIR --throttle fast            | USAGE       | backup throttle: fast (expected: none, or a rate such as 100MB/s
                    backup --dir DIR --cpu-share 2              | USAGE       | backup cpu-share: 2
                    backup --dir DIR --from Node~2              | USAGE       | member: Node 2
                    prune --dir DIR --keep-count many           | USAGE       | many
                    prune --dir DIR --keep-daily -1             | REFUSED     | holds no cluster.json
                    pin                                         | USAGE       | BACKUP
                    pin yesterday --repository DIR              | USAGE       | backup: yesterday
                    unpin yesterday --repository DIR            | USAGE       | backup: yesterday
                    pin 20261121T083000Z-5f3a09c1               | USAGE       | no repository is named
                    backups                                     | USAGE       | no repository is named
                    backups --repository tape://x               | USAGE       | tape://x
                    backups --repository DIR                    | REFUSED     | holds no cluster
                    backups --repository DIR/none               | UNREACHABLE | does not exist
                    backups --repository DIR --cluster local    | REFUSED     | nothing of cluster local
                    backups --repository DIR --system x         | USAGE       | system identifier: x
                    backups --repository DIR --dir DIR          | REFUSED     | holds no cluster.json
                    restore --repository DIR                    | USAGE       | no target is named
                    restore --repository DIR --latest           | USAGE       | no target directory
                    restore --latest --target-dir DIR/new       | USAGE       | no repository is named
                    restore --latest --lsn 0/1                  | USAGE       | several targets
                    restore --lsn 5                             | USAGE       | lsn: 5
                    restore --latest --timeline x               | USAGE       | timeline
                    restore --latest --backup x                 | USAGE       | backup: x
                    restore --point-in-time noon                | USAGE       | time: noon
                    restore --point-in-time 2026-11-21~08:30:00 | USAGE       | has no offset
                    restore list                                | USAGE       | no repository is named
                    restore --list --repository DIR             | REFUSED     | holds no cluster
                    """)
    void a_bad_command_line_is_told_in_one_sentence_and_changes_nothing(
            String line, ExitStatus expected, String sentence) throws IOException {
        Run run = run(line);

        assertThat(run.err).startsWith("matriarch: ").contains(sentence).contains("hint: ");
        assertThat(run.err.lines()).hasSize(2);
        assertThat(run.code).isEqualTo(expected.code());
        assertThat(run.out).isEmpty();
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void a_repository_of_several_clusters_wants_a_choice() throws IOException {
        Files.createDirectories(directory.resolve("one/7"));
        Files.createDirectories(directory.resolve("two/7"));
        Files.writeString(directory.resolve("one/7/claim.json"), "{}");
        Files.writeString(directory.resolve("two/7/claim.json"), "{}");

        Run run = run("backups --repository DIR");

        assertThat(run.code).isEqualTo(ExitStatus.REFUSED.code());
        assertThat(run.err).contains("several clusters: [one, two]", "--cluster");
        assertThat(run("backups --repository DIR --cluster one").out)
                .contains("no base backup of cluster one yet");
    }

    @Test
    void a_restore_without_any_backup_is_refused() throws IOException {
        Files.createDirectories(directory.resolve("one/7"));
        Files.writeString(directory.resolve("one/7/claim.json"), "{}");

        Run run = run("restore --repository DIR --latest --target-dir DIR/new");

        assertThat(run.code).isEqualTo(ExitStatus.REFUSED.code());
        assertThat(run.err).contains("no base backup in the archive");
        assertThat(directory.resolve("new")).doesNotExist();
    }

    @Test
    void a_zookeeper_that_does_not_answer_is_told_as_such() throws IOException {
        Files.writeString(
                directory.resolve("cluster.json"),
                """
                {"cluster":"local","zookeeper":"127.0.0.1:1","repository":"/none","env":{},"nodes":[]}
                """);

        Run run = run("status --dir DIR");

        assertThat(run.code).isEqualTo(ExitStatus.UNREACHABLE.code());
        assertThat(run.err).contains("ZooKeeper at 127.0.0.1:1 did not answer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "history",
                "switchover",
                "backup",
                "backups",
                "prune",
                "verify",
                "restore",
                "restore list"
            })
    void every_command_has_help_with_an_example(String command) {
        Run run = run(command + " --help");

        assertThat(run.code).isZero();
        assertThat(run.out).contains("Example", "--json", "--dir");
    }
}
