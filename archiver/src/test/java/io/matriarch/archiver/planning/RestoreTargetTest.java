package io.matriarch.archiver.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RestoreTargetTest {

    @ParameterizedTest
    @CsvSource({
        "2026-11-21 08:30:00Z, 2026-11-21T08:30:00Z",
        "2026-11-21T08:30:00Z, 2026-11-21T08:30:00Z",
        "2026-11-21 08:30Z, 2026-11-21T08:30:00Z",
        "2026-11-21 09:30:00+01, 2026-11-21T08:30:00Z",
        "2026-11-21 09:30:00 +01:00, 2026-11-21T08:30:00Z",
        "2026-11-21 09:30:00+0100, 2026-11-21T08:30:00Z",
        "2026-11-21T08:30:00.123456789z, 2026-11-21T08:30:00.123456Z",
        "2026-11-21 03:00:00.5-05:30, 2026-11-21T08:30:00.500Z"
    })
    void a_time_with_an_offset_is_understood(String text, Instant expected) {
        assertThat(RestoreTarget.parseTime(text, true).time()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21 08:30:00",
                "2026-11-21T08:30:00.5",
                "2026-11-21 08:30",
                "2026-11-21"
            })
    void a_time_without_an_offset_is_refused_for_that(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RestoreTarget.parseTime(text, true))
                .withMessageContaining("no offset")
                .withMessageContaining(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-13-01 00:00:00Z",
                "2026-02-30 00:00:00Z",
                "2026-11-21 25:00:00Z",
                "21.11.2026 08:30Z"
            })
    void anything_else_is_refused_with_an_example(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RestoreTarget.parseTime(text, true))
                .withMessageContaining("expected: as in");
    }

    @Test
    void a_restore_point_has_a_name_of_63_bytes_at_most() {
        String longest = "ä".repeat(31) + "a";

        assertThat(new RestoreTarget.RestorePoint(longest).name()).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RestoreTarget.RestorePoint(longest + "a"))
                .withMessageContaining("64 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> new RestoreTarget.RestorePoint(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\u0000b", "a\tb", "a\u007fb"})
    void a_restore_points_name_has_no_control_characters(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RestoreTarget.RestorePoint(name))
                .withMessageContaining("control character");
    }

    @Test
    void special_transactions_are_no_targets() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RestoreTarget.Xid(2, true));
    }
}
