package io.matriarch.postgres.datadir;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DivergentWalTest {

    private static final TimelineId SECOND = new TimelineId(2);
    private static final TimelineHistory LEFT_FIRST =
            TimelineHistory.parse(SECOND, "1\t0/2000100\tx");

    /** Timeline 2 was left in segment 5, and the log ends in segment 7. */
    private static final DivergentWal WAL = wal("0/5000148", "0/7000200");

    private static DivergentWal wal(String fork, String end) {
        return new DivergentWal(
                LEFT_FIRST,
                new TimelineHistory.Switch(SECOND, Lsn.parse(fork)),
                Lsn.parse(end),
                WalSegmentSize.DEFAULT);
    }

    @Test
    void what_is_lost_at_most_is_what_lies_between_fork_and_end() {
        assertThat(WAL.bytes()).isEqualTo(0x20000B8);
        assertThat(wal("0/5000148", "0/5000148").bytes()).isZero();
        assertThat(wal("0/5000148", "0/5000000").bytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000020000000000000005",
                "000000020000000000000006",
                "000000020000000000000007",
                "000000020000000000000005.partial",
                "00000002.history"
            })
    void from_the_segment_with_the_fork_to_that_with_the_end_everything_is_held(String name) {
        assertThat(WAL.holds(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000020000000000000004",
                "000000020000000000000008",
                "000000010000000000000005",
                "000000030000000000000006",
                "000000010000000000000002.partial",
                "000000020000000000000005.00000028.backup",
                "000000020000000000000005.tmp",
                "00000003.history",
                "archive_status"
            })
    void what_lies_before_or_behind_or_on_other_timelines_is_not(String name) {
        assertThat(WAL.holds(name)).isFalse();
    }

    @Test
    void a_log_that_ends_with_a_segment_needs_no_file_behind_that() {
        DivergentWal wal = wal("0/5000148", "0/7000000");

        assertThat(wal.holds("000000020000000000000006")).isTrue();
        assertThat(wal.holds("000000020000000000000007")).isFalse();
    }

    @Test
    void a_log_that_ends_at_the_fork_has_nothing_of_its_own() {
        assertThat(wal("0/5000148", "0/5000148").holds("000000020000000000000005")).isFalse();
    }

    @Test
    void a_timeline_that_began_beyond_the_fork_is_all_divergent() {
        DivergentWal wal =
                new DivergentWal(
                        LEFT_FIRST,
                        new TimelineHistory.Switch(TimelineId.FIRST, Lsn.parse("0/1000100")),
                        Lsn.parse("0/3000000"),
                        WalSegmentSize.DEFAULT);

        assertThat(wal.holds("000000010000000000000001")).isTrue();
        assertThat(wal.holds("000000010000000000000002.partial")).isTrue();
        assertThat(wal.holds("000000020000000000000002")).isTrue();
        assertThat(wal.holds("000000010000000000000000")).isFalse();
    }

    @Test
    void only_the_segment_with_the_fork_has_something_that_both_have() {
        assertThat(WAL.isForking("000000020000000000000005")).isTrue();
        assertThat(WAL.isForking("000000020000000000000006")).isFalse();
        assertThat(WAL.isForking("00000002.history")).isFalse();
    }
}
