package io.matriarch.sidecar.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.cli.ExitStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MatriarchTest {

    private record Run(int code, String out, String err) {

        static Run of(String... arguments) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            CommandLine line =
                    Matriarch.commandLine(Commands.namedBy(arguments))
                            .setOut(new PrintWriter(out))
                            .setErr(new PrintWriter(err));
            int code = line.execute(arguments);
            return new Run(code, out.toString(), err.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    --help,                Usage: matriarch,         prune
                    -h,                    Usage: matriarch,         prune
                    -Vh,                   Usage: matriarch,         prune
                    restore --help,        Usage: matriarch restore, window
                    --debug restore -h,    Usage: matriarch restore, window
                    restore window --help, Usage: matriarch restore window, --json
                    """)
    void help_is_asked_for_and_given_with_all_commands(String line, String usage, String part) {
        Run run = Run.of(line.split(" ", -1));

        assertThat(run.code).isZero();
        assertThat(run.out).contains(usage, part);
    }

    @Test
    void only_the_commands_that_are_named_are_made() {
        CommandLine line =
                Matriarch.commandLine(Commands.namedBy("restore", "--config", "x", "window"));

        assertThat(line.getSubcommands()).containsOnlyKeys("restore");
        assertThat(line.getSubcommands().values())
                .allSatisfy(
                        restore -> assertThat(restore.getSubcommands()).containsOnlyKeys("window"));
    }

    @Test
    void a_command_is_made_under_its_own_name() {
        assertNamed(Matriarch.commandLine());
    }

    private static void assertNamed(CommandLine line) {
        line.getSubcommands()
                .forEach((name, command) -> {
                    assertThat(command.getCommandName()).isEqualTo(name);
                    assertNamed(command);
                });
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    '',                              a command is missing
                    loca,                            did you mean local
                    restore lst,                     did you mean list
                    restore --config x lst,          did you mean list
                    restore list windw,              windw
                    local,                           a command is missing
                    local up,                        --dir
                    local up --dir x --nodes many,   many
                    local up --dir x --sync perhaps, perhaps
                    local up --dir x --store tape,   tape
                    local up --dir x --no-such,      --no-such
                    local up --dir x --nodes 6,      nodes: 6 (expected: 1 to 5)
                    local up --dir x --ports 1-2,    ports: 1-2
                    local up --dir x --timeout 0,    timeout: 0
                    """)
    void a_wrong_command_line_is_told_in_one_sentence(String line, String expected) {
        Run run = Run.of(line.isEmpty() ? new String[0] : line.split(" +", -1));

        assertThat(run.code).isEqualTo(ExitStatus.USAGE.code());
        assertThat(run.err).startsWith("matriarch: ").contains(expected).contains("hint: ");
        assertThat(run.err.lines()).hasSize(2);
        assertThat(run.out).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"down", "status"})
    void a_directory_that_holds_no_cluster_is_refused(String command, @TempDir Path directory) {
        Run run = Run.of("local", command, "--dir", directory.toString());

        assertThat(run.code).isEqualTo(ExitStatus.REFUSED.code());
        assertThat(run.err).contains("expected: one made by 'local up'");
    }

    @Test
    void a_stack_trace_is_shown_only_when_asked_for(@TempDir Path directory) {
        Run run = Run.of("--debug", "local", "status", "--dir", directory.toString());

        assertThat(run.code).isEqualTo(ExitStatus.REFUSED.code());
        assertThat(run.err).startsWith("matriarch: ").contains("\tat io.matriarch.local");
    }

    @Test
    void a_mistake_in_the_program_is_told_as_such() {
        StringWriter err = new StringWriter();
        CommandLine line = Matriarch.commandLine().setErr(new PrintWriter(err));

        int code = Failure.of(new IllegalStateException("epoch: 3")).tell(line, false);

        assertThat(code).isEqualTo(ExitStatus.BUG.code());
        assertThat(err.toString()).startsWith("matriarch: internal error: ").contains("--debug");
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    sidecar --config x,   STORY
                    local keep --dir x,   STORY
                    local up --dir x,     TROUBLE
                    '',                   TROUBLE
                    local up --debug,     EVERYTHING
                    """)
    void a_process_tells_its_story_and_a_command_only_trouble(String line, LogLevel expected) {
        assertThat(LogLevel.forArguments(line.isEmpty() ? new String[0] : line.split(" ", -1)))
                .isEqualTo(expected);
    }

    @Test
    void the_document_lists_every_exit_status() throws IOException {
        String documented = Files.readString(Path.of("../docs/exit-codes.md"));
        String rows =
                Arrays.stream(ExitStatus.values())
                        .map(status -> "| %d | %s |".formatted(status.code(), status.meaning()))
                        .collect(Collectors.joining("\n"));

        assertThat(documented).contains(rows);
    }
}
