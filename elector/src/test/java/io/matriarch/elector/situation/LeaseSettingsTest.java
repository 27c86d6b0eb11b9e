package io.matriarch.elector.situation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LeaseSettingsTest {

    @Test
    void a_primary_has_stopped_before_its_session_can_expire() {
        LeaseSettings fast = LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));

        Duration stopped = fast.length().plus(fast.poll()).plus(fast.stop()).plus(fast.margin());
        Duration earliestExpiry = Duration.ofMillis(5000 * 999 / 1000).minus(fast.tick());
        assertThat(stopped).isLessThanOrEqualTo(earliestExpiry);
        assertThat(fast.renewal().multipliedBy(3)).isLessThanOrEqualTo(fast.length());
    }

    @Test
    void a_session_too_short_for_its_tick_is_refused_in_words() {
        assertThatThrownBy(() -> LeaseSettings.of(Duration.ofSeconds(3), Duration.ofSeconds(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zookeeper.session-timeout: 3000 ms")
                .hasMessageContaining("zookeeper.tick-time is 2000 ms");
    }
}
