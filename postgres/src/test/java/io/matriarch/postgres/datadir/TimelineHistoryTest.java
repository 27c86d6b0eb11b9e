package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TimelineHistoryTest {

    private static final TimelineHistory THIRD =
            TimelineHistory.parse(
                    new TimelineId(3),
                    "1\t0/5000000\tno recovery target specified\n\n# a comment\n2\t0/7000148\tx\n");

    @Test
    void each_position_belongs_to_one_timeline() {
        assertThat(THIRD.timelineOf(Lsn.parse("0/4FFFFFF"))).isEqualTo(new TimelineId(1));
        assertThat(THIRD.timelineOf(Lsn.parse("0/5000000"))).isEqualTo(new TimelineId(2));
        assertThat(THIRD.timelineOf(Lsn.parse("0/7000148"))).isEqualTo(new TimelineId(3));
    }

    @Test
    void a_server_that_went_past_the_switch_cannot_go_on() {
        assertThat(THIRD.continues(new TimelineId(1), Lsn.parse("0/5000000"))).isTrue();
        assertThat(THIRD.continues(new TimelineId(1), Lsn.parse("0/5000001"))).isFalse();
        assertThat(THIRD.continues(new TimelineId(3), Lsn.parse("9/0"))).isTrue();
        assertThat(THIRD.continues(new TimelineId(4), Lsn.ZERO)).isFalse();
    }

    @Test
    void a_history_that_goes_backwards_is_refused() {
        assertThatThrownBy(() -> TimelineHistory.parse(new TimelineId(2), "2\t0/5\tx"))
                .hasMessageContaining("below 2");
        assertThatThrownBy(() -> TimelineHistory.parse(new TimelineId(2), "1"))
                .hasMessageContaining("timeline, position");
    }
}
