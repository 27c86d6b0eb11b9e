package io.matriarch.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RoundsTest {

    private static Round of(long outageMillis, int lost, int overlapping) {
        return new Round(
                Duration.ofMillis(outageMillis),
                1000,
                lost,
                0,
                overlapping,
                0,
                Duration.ofSeconds(2),
                Optional.empty());
    }

    private static Rounds rounds(Round... rounds) {
        return new Rounds(Arrays.asList(rounds));
    }

    @Test
    void a_row_tells_the_median_the_extremes_and_what_was_lost() {
        Rounds rounds = rounds(of(900, 0, 0), of(5000, 0, 0), of(700, 0, 0));

        assertThat(FailoverReport.row(Fault.POSTMASTER, Contestant.MATRIARCH, rounds))
                .isEqualTo(
                        "| postmaster killed with -9 | Matriarch, synchronous (its default) | 3 |"
                                + " 0.90 s | 0.70 s to 5.00 s | 0 of 3000 | 0 | 0 | 0 | 2.00 s |"
                                + " median ≤ 1.00 s | yes |\n");
    }

    @Test
    void of_two_rounds_the_longer_outage_is_told_as_the_median() {
        assertThat(Rounds.median(List.of(Duration.ofMillis(1), Duration.ofMillis(9))))
                .contains(Duration.ofMillis(9));
    }

    @Test
    void one_outage_beyond_the_goal_is_a_miss_where_every_round_counts() {
        assertThat(reached(Fault.HOST, of(5900, 0, 0), of(5900, 0, 0), of(6100, 0, 0))).isFalse();
        assertThat(reached(Fault.HOST, of(5900, 0, 0), of(6000, 0, 0))).isTrue();
    }

    @Test
    void a_lost_row_a_second_writer_or_a_round_without_an_end_is_a_miss() {
        assertThat(reached(Fault.POSTMASTER, of(100, 1, 0))).isFalse();
        assertThat(reached(Fault.POSTMASTER, of(100, 0, 1))).isFalse();
        assertThat(reached(Fault.POSTMASTER, of(100, 0, 0), Round.failed("it hung"))).isFalse();
        assertThat(reached(Fault.POSTMASTER, of(100, 0, 0))).isTrue();
    }

    @Test
    void an_asynchronous_cluster_may_lose_rows_but_two_may_write_only_after_a_freeze() {
        Rounds lossy = rounds(of(100, 5, 0));
        Rounds woken = rounds(of(100, 5, 3));

        assertThat(FailoverReport.row(Fault.HOST, Contestant.MATRIARCH_ASYNC, lossy))
                .endsWith("yes |\n");
        assertThat(FailoverReport.row(Fault.HOST, Contestant.MATRIARCH_ASYNC, woken))
                .endsWith("**missed** |\n");
        assertThat(FailoverReport.row(Fault.EVERYTHING_FROZEN, Contestant.MATRIARCH_ASYNC, woken))
                .endsWith("yes |\n");
    }

    private static boolean reached(Fault fault, Round... rounds) {
        return FailoverReport.row(fault, Contestant.MATRIARCH, rounds(rounds)).endsWith("yes |\n");
    }

    @Test
    void only_a_round_that_ended_with_all_promises_kept_is_honest() {
        assertThat(of(9000, 0, 0).isHonest()).isTrue();
        assertThat(of(100, 1, 0).isHonest()).isFalse();
        assertThat(of(100, 0, 1).isHonest()).isFalse();
        assertThat(Round.failed("it hung").isHonest()).isFalse();
    }

    @Test
    void a_round_without_an_end_is_told_and_has_no_figure() {
        Rounds rounds = rounds(Round.failed("it hung"));

        assertThat(FailoverReport.row(Fault.HOST, Contestant.PATRONI, rounds))
                .contains("| 1, **1 failed** |  |  | 0 of 0 |");
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void a_fault_is_found_by_what_people_write(Fault fault) {
        assertThat(Fault.of(fault.key())).isEqualTo(fault);
    }

    @Test
    void what_is_no_fault_is_refused_with_those_that_are() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fault.of("fire"))
                .withMessageContaining("fire")
                .withMessageContaining("switchover-archive");
    }
}
