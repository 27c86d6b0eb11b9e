package io.matriarch.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TableTest {

    private static Terminal terminal(boolean hasColours) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return new Terminal(nowhere, nowhere, null, hasColours);
    }

    @Test
    void columns_are_as_wide_as_needed_and_lines_do_not_end_in_blanks() {
        Table table =
                Table.of("name", ">size", "note").add("a", "5", "").add("longer", "1000", "x");

        assertThat(table.lines(terminal(false)))
                .containsExactly(
                        "name    size  note", //
                        "a          5",
                        "longer  1000  x");
    }

    @Test
    void colours_do_not_count_for_the_width() {
        Table table =
                Table.of("role", "name")
                        .add(new Table.Cell("gone", Tone.BAD), Table.Cell.of("a"))
                        .add("primary", "b");

        assertThat(table.lines(terminal(true)))
                .containsExactly(
                        "\u001b[2mrole\u001b[0m     \u001b[2mname\u001b[0m",
                        "\u001b[31mgone\u001b[0m     a",
                        "primary  b");
    }

    @Test
    void a_row_of_another_length_is_a_mistake() {
        assertThatThrownBy(() -> Table.of("one", "two").add("x"))
                .hasMessage("cells: 1 (expected: 2)");
    }

    @Test
    void a_question_that_nobody_can_answer_is_refused() {
        assertThatThrownBy(() -> terminal(false).confirm("switchover from a to b", false))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> {
                            assertThat(failure.status()).isEqualTo(ExitStatus.REFUSED);
                            assertThat(failure).hasMessageContaining("switchover from a to b");
                            assertThat(failure.hint()).contains("--yes");
                        });
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    0,    0,    [------------------------------]
                    0,    100,  [------------------------------]
                    50,   100,  [###############---------------]
                    100,  100,  [##############################]
                    """)
    void a_bar_shows_the_share(long done, long total, String expected) {
        assertThat(Progress.bar(done, total)).isEqualTo(expected);
    }

    @Test
    void progress_tells_share_amount_rate_and_what_is_left() {
        TransferRate rate = new TransferRate();
        rate.add(0, 0);
        rate.add(Duration.ofSeconds(2).toNanos(), 20 << 20);

        assertThat(Progress.words(20 << 20, 100 << 20, rate.perSecond(), rate.timeFor(80 << 20)))
                .isEqualTo("20 %, 20.0 MB of 100.0 MB, 10.0 MB/s, 8 s left");
    }

    @Test
    void the_rate_is_that_of_late_and_a_standstill_promises_nothing() {
        TransferRate rate = new TransferRate();
        rate.add(0, 0);
        for (int second = 1; second <= 60; second++) {
            rate.add(Duration.ofSeconds(second).toNanos(), 1000);
        }

        assertThat(rate.perSecond()).isZero();
        assertThat(rate.timeFor(1)).isEmpty();
        assertThat(Progress.words(0, 0, 0, Optional.empty())).isEqualTo("beginning");
    }
}
