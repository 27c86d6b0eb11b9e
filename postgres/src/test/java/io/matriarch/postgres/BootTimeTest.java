package io.matriarch.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BootTimeTest {

    @Test
    void seconds_are_read_with_up_to_two_decimals() {
        assertThat(BootTime.parseSeconds("12345.67").millis()).isEqualTo(12_345_670);
        assertThat(BootTime.parseSeconds("5.5").millis()).isEqualTo(5_500);
        assertThat(BootTime.parseSeconds("0")).isEqualTo(BootTime.ZERO);
        assertThatThrownBy(() -> BootTime.parseSeconds("-1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_deadline_is_never_rounded_up() {
        assertThat(new BootTime(1_009).toSeconds()).isEqualTo("1.00");
        assertThat(new BootTime(1_019).toSeconds()).isEqualTo("1.01");
    }

    @Test
    void others_can_read_it_whatever_the_locale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("ar", "EG"));

            assertThat(new BootTime(1_019).toSeconds()).isEqualTo("1.01");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void differences_have_a_sign() {
        BootTime early = new BootTime(1_000);
        BootTime late = early.plus(Duration.ofMillis(500));

        assertThat(late.since(early)).isEqualTo(Duration.ofMillis(500));
        assertThat(early.since(late)).isEqualTo(Duration.ofMillis(-500));
        assertThat(late.isAfter(early)).isTrue();
        assertThat(late.hasReached(late)).isTrue();
        assertThat(early.hasReached(late)).isFalse();
    }
}
