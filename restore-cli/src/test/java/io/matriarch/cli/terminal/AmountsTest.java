package io.matriarch.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AmountsTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 kB",
        "1536, 1.5 kB",
        "16777216, 16.0 MB",
        "1099511627776, 1.0 TB"
    })
    void sizes_have_postgresqls_units(long bytes, String expected) {
        assertThat(Amounts.bytes(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0.00 s",
        "PT0.842S, 0.84 s",
        "PT12.9S, 12 s",
        "PT1M, 1 min",
        "PT3M20S, 3 min 20 s",
        "PT2H5M, 2 h 5 min",
        "PT76H, 3 d 4 h"
    })
    void spans_get_coarser_as_they_get_longer(Duration span, String expected) {
        assertThat(Amounts.span(span)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"10, just now", "5, 5 s ago", "-3, 13 s ago", "90, just now"})
    void an_age_is_never_negative(long second, String expected) {
        Instant now = Instant.ofEpochSecond(10);

        assertThat(Amounts.ago(Instant.ofEpochSecond(second), now)).isEqualTo(expected);
    }

    @Test
    void the_beginning_of_a_window_is_rounded_into_the_window() {
        Instant begin = Instant.parse("2026-11-21T08:30:00.000001Z");

        assertThat(Amounts.timeNotBefore(begin)).isEqualTo("2026-11-21 08:30:01Z");
        assertThat(Amounts.time(begin)).isEqualTo("2026-11-21 08:30:00Z");
    }

    @ParameterizedTest
    @CsvSource({"90, PT1M30S", "90s, PT1M30S", "5m, PT5M", "12h, PT12H", "7d, PT168H"})
    void patience_is_read_as_the_configuration_has_it(String text, Duration expected) {
        assertThat(new DurationText().convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "5x", "-1s", "1.5h", "1 h"})
    void other_spans_are_refused(String text) {
        assertThatThrownBy(() -> new DurationText().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("expected: as in 90s, 5m or 12h");
    }
}
