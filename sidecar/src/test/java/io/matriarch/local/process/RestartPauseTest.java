package io.matriarch.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RestartPauseTest {

    private static final Duration YOUNG = Duration.ofMillis(300);
    private static final Duration OLD = Duration.ofMinutes(5);

    @Test
    void a_process_that_is_killed_is_back_within_a_second() {
        RestartPause pause = RestartPause.NONE;
        for (int kill = 0; kill < 4; kill++) {
            assertThat(pause.length()).isLessThan(Duration.ofSeconds(1));
            pause = pause.after(YOUNG);
        }
    }

    @Test
    void one_that_cannot_live_is_tried_less_and_less_often() {
        RestartPause pause = RestartPause.NONE;
        for (int death = 0; death < 100; death++) {
            RestartPause next = pause.after(YOUNG);
            assertThat(next.length()).isGreaterThanOrEqualTo(pause.length());
            pause = next;
        }

        assertThat(pause.length()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
    }

    @Test
    void a_long_life_is_forgiven_everything() {
        RestartPause pause = new RestartPause(50).after(OLD);

        assertThat(pause).isEqualTo(RestartPause.NONE);
    }
}
