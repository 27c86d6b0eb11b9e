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

    @Test
    void a_timeline_that_was_left_forks_where_it_was_left() {
        TimelineHistory second = TimelineHistory.parse(new TimelineId(2), "1\t0/5000000\tx");

        assertThat(second.forkFrom(THIRD)).contains(at(2, "0/7000148"));
        assertThat(THIRD.forkFrom(second)).contains(at(2, "0/7000148"));
        assertThat(TimelineHistory.of(TimelineId.FIRST).forkFrom(THIRD))
                .contains(at(1, "0/5000000"));
    }

    @Test
    void two_timelines_of_one_number_fork_where_the_first_of_them_left_the_parent() {
        TimelineHistory other = TimelineHistory.parse(new TimelineId(2), "1\t0/4000000\tx");

        assertThat(other.forkFrom(THIRD)).contains(at(1, "0/4000000"));
        assertThat(THIRD.forkFrom(other)).contains(at(1, "0/4000000"));
    }

    @Test
    void two_successors_at_one_place_fork_there() {
        TimelineHistory other = TimelineHistory.parse(new TimelineId(4), "1\t0/5000000\tx");

        assertThat(other.forkFrom(THIRD)).contains(at(1, "0/5000000"));
    }

    /** Both are called timeline 2 and began at one place; only the marks know that they are two. */
    @Test
    void a_timeline_that_was_never_told_forks_where_it_began() {
        TimelineHistory second = TimelineHistory.parse(new TimelineId(2), "1\t0/5000000\tx");

        assertThat(second.forkFrom(second, TimelineId.FIRST)).contains(at(1, "0/5000000"));
        assertThat(second.forkFrom(THIRD, TimelineId.FIRST)).contains(at(1, "0/5000000"));
        assertThat(second.forkFrom(second, second.timeline())).isEmpty();
        assertThat(second.forkFrom(THIRD, second.timeline())).contains(at(2, "0/7000148"));
    }

    @Test
    void one_history_does_not_fork_from_itself() {
        assertThat(THIRD.forkFrom(THIRD)).isEmpty();
    }

    private static TimelineHistory.Switch at(long timeline, String lsn) {
        return new TimelineHistory.Switch(new TimelineId(timeline), Lsn.parse(lsn));
    }
}
