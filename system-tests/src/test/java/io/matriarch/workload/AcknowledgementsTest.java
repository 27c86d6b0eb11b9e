package io.matriarch.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.workload.Acknowledgement.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AcknowledgementsTest {

    private static final Writer FIRST = new Writer(5001, 1);
    private static final Writer SECOND = new Writer(5002, 2);

    private static Acknowledgement by(Writer writer, long sent, long nanos) {
        return new Acknowledgement(nanos, writer, sent, nanos);
    }

    private static Acknowledgements at(long... nanos) {
        return new Acknowledgements(
                LongStream.of(nanos).mapToObj(each -> by(FIRST, each - 1, each)).toList());
    }

    @Test
    void the_outage_is_the_longest_time_between_two_commits() {
        assertThat(at(10, 12, 50, 51).longestGap()).isEqualTo(Duration.ofNanos(38));
    }

    @Test
    void what_was_long_before_the_fault_is_no_outage_of_it() {
        assertThat(at(10, 90, 95, 110, 112).longestGap(94, 112)).isEqualTo(Duration.ofNanos(15));
    }

    @Test
    void an_outage_begins_with_the_last_commit_before_it_or_with_the_fault_if_that_is_later() {
        assertThat(at(10, 99, 150).longestGap(100, 150)).isEqualTo(Duration.ofNanos(51));
    }

    @Test
    void a_client_that_never_writes_again_waits_until_the_end() {
        assertThat(at(10, 20).longestGap(15, 400)).isEqualTo(Duration.ofNanos(380));
        assertThat(at().longestGap(15, 400)).isEqualTo(Duration.ofNanos(385));
    }

    @Test
    void what_comes_after_the_end_is_not_counted() {
        assertThat(at(10, 20, 5000).longestGap(10, 30)).isEqualTo(Duration.ofNanos(10));
    }

    @Test
    void readings_of_the_clock_may_pass_its_greatest_number() {
        long late = Long.MAX_VALUE - 5;

        assertThat(at(late, late + 20, late + 21).longestGap(late, late + 21))
                .isEqualTo(Duration.ofNanos(20));
    }

    @Test
    void what_was_promised_and_is_not_there_is_lost() {
        assertThat(at(1, 2, 3, 4).lost(Set.of(1L, 3L, 9L))).containsExactly(2L, 4L);
        assertThat(at(1, 2).lost(Set.of(1L, 2L))).isEmpty();
    }

    @Test
    void one_primary_after_the_other_is_no_overlap() {
        List<Acknowledgement> all =
                List.of(
                        by(FIRST, 1, 2),
                        by(FIRST, 3, 4),
                        by(SECOND, 5, 6),
                        by(new Writer(5001, 3), 7, 8));

        assertThat(Acknowledgements.overlapping(all)).isEmpty();
    }

    @Test
    void a_commit_asked_of_the_old_primary_after_the_new_one_has_answered_is_an_overlap() {
        Acknowledgement late = by(FIRST, 7, 8);

        List<Acknowledgement> all = List.of(late, by(FIRST, 3, 4), by(SECOND, 5, 6));

        assertThat(Acknowledgements.overlapping(all)).containsExactly(late);
    }

    @Test
    void an_answer_that_was_under_way_is_none() {
        List<Acknowledgement> all = List.of(by(FIRST, 5, 8), by(SECOND, 5, 6), by(SECOND, 7, 9));

        assertThat(Acknowledgements.overlapping(all)).isEmpty();
    }

    @Test
    void a_second_server_on_the_same_timeline_is_an_overlap() {
        Acknowledgement foreign = by(new Writer(5002, 1), 5, 6);

        assertThat(Acknowledgements.overlapping(List.of(foreign, by(FIRST, 3, 4))))
                .containsExactly(foreign);
    }
}
