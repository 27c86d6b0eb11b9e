package io.matriarch.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Segments laid out by hand, of four pages. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LogEndTest {

    private static final int PAGE = 8192;
    private static final Lsn START = Lsn.parse("0/3000000");

    private final ByteBuffer segment = ByteBuffer.allocate(4 * PAGE).order(ByteOrder.LITTLE_ENDIAN);

    /** A page of this log; so many bytes of a record that began before come first. */
    private void page(int number, int remaining) {
        int at = number * PAGE;
        segment.putShort(at + 2, (short) ((remaining > 0 ? 1 : 0) | (number == 0 ? 2 : 0)));
        segment.putLong(at + 8, START.plus(at).value());
        segment.putInt(at + 16, remaining);
    }

    private void record(int at, int length) {
        segment.putInt(at, length);
    }

    private long end(long from) {
        return LogEnd.in(segment, START, START.plus(from)).minus(START);
    }

    @Test
    void it_lies_behind_the_last_record() {
        page(0, 0);
        record(40, 50);
        record(96, 30);

        assertThat(end(0)).isEqualTo(126);
        assertThat(end(96)).isEqualTo(126);
    }

    @Test
    void a_position_behind_which_nothing_lies_is_the_end_itself() {
        page(0, 0);
        record(40, 50);

        assertThat(end(90)).isEqualTo(90);
    }

    @Test
    void a_record_may_go_on_over_pages() {
        page(0, 0);
        record(40, 10_000);
        page(1, 10_000 - (PAGE - 40));

        int behind = PAGE + 24 + 10_000 - (PAGE - 40);
        assertThat(end(0)).isEqualTo(behind);
    }

    @Test
    void a_record_whose_rest_was_never_written_is_none() {
        page(0, 0);
        record(40, 50);
        record(96, 10_000);

        assertThat(end(0)).isEqualTo(90);
    }

    @Test
    void what_an_earlier_life_of_the_file_left_is_no_part_of_the_log() {
        page(0, 0);
        record(40, PAGE - 40);
        segment.putLong(PAGE + 8, Lsn.parse("0/1002000").value());
        record(PAGE + 24, 50);

        assertThat(end(0)).isEqualTo(PAGE);
    }

    @Test
    void what_began_in_the_segment_before_is_passed_over() {
        page(0, 100);
        record(144, 40);

        assertThat(end(0)).isEqualTo(184);
    }

    @Test
    void what_goes_on_in_the_next_segment_ends_with_this_one() {
        page(0, 0);
        record(40, 5 * PAGE);
        page(1, 1);
        page(2, 1);
        page(3, 1);

        assertThat(end(0)).isEqualTo(4 * PAGE);
    }
}
