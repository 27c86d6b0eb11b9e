package io.matriarch.sidecar.duty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RetryPauseTest {

    private final RetryPause pause = new RetryPause();

    @Test
    void what_fails_each_time_is_tried_ever_more_rarely_and_at_least_every_hour() {
        assertThat(Stream.generate(pause::afterFailure).limit(10).map(Duration::toSeconds))
                .containsExactly(30L, 60L, 120L, 240L, 480L, 960L, 1920L, 3600L, 3600L, 3600L);
    }

    @Test
    void a_success_begins_anew() {
        pause.afterFailure();
        pause.afterFailure();

        assertThat(pause.afterSuccess(true)).isZero();

        assertThat(pause.afterFailure()).isEqualTo(RetryPause.FIRST);
    }

    @Test
    void a_success_that_did_not_help_counts_as_a_failure() {
        pause.afterFailure();

        assertThat(pause.afterSuccess(false)).isEqualTo(RetryPause.FIRST.multipliedBy(2));
        assertThat(pause.afterSuccess(false)).isEqualTo(RetryPause.FIRST.multipliedBy(4));
    }
}
