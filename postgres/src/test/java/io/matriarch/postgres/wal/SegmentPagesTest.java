package io.matriarch.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SegmentPagesTest {

    private static final int PAGE = 8192;
    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    private static final WalSegment SEGMENT = WalSegment.parse("000000030000000000000005", SIZE);

    @Test
    void a_segment_full_of_pages_fits() {
        assertThat(walk(segment(128, 1))).isEmpty();
    }

    @Test
    void what_follows_a_switch_of_segments_is_empty() {
        assertThat(walk(segment(40, 3))).isEmpty();
    }

    @Test
    void the_first_segment_of_a_timeline_begins_with_its_parents_pages() {
        ByteBuffer bytes = segment(128, 1);
        for (int page = 70; page < 128; page++) {
            bytes.putInt(page * PAGE + 4, 3);
        }

        assertThat(walk(bytes)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "2, 0x10",
        "2, 0x02",
        "4, 0x04",
        "7, 1",
        "8, 1",
        "9, 0x20",
        "10, 1",
        "15, 0x40"
    })
    void a_bit_flipped_in_a_header_is_found(int at, String bit) {
        ByteBuffer bytes = segment(128, 3);
        int place = 50 * PAGE + at;
        bytes.put(place, (byte) (bytes.get(place) ^ Integer.decode(bit)));

        assertThat(walk(bytes)).hasValueSatisfying(it -> assertThat(it).contains("0/564000"));
    }

    @Test
    void a_page_of_an_earlier_timeline_behind_one_of_a_later_is_found() {
        ByteBuffer bytes = segment(128, 3);
        bytes.putInt(9 * PAGE + 4, 2);

        assertThat(walk(bytes)).hasValueSatisfying(it -> assertThat(it).contains("timeline 2"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 60, 126})
    void a_block_of_zeros_between_pages_is_found(int page) {
        ByteBuffer bytes = segment(128, 1);
        bytes.put(page * PAGE, new byte[PAGE]);

        assertThat(walk(bytes)).isPresent();
    }

    @Test
    void replay_comes_to_the_page_on_which_the_last_record_begins() {
        assertThat(certain(segment(40, 1))).contains(new Lsn(0x500000 + 39 * PAGE));
    }

    @Test
    void replay_comes_to_the_end_of_a_record_that_ends_on_the_last_page() {
        ByteBuffer bytes = segment(128, 1);
        goesOn(bytes, 127, 100);

        assertThat(certain(bytes)).contains(new Lsn(0x500000 + 127 * PAGE + 24 + 100));
    }

    @Test
    void a_record_that_does_not_end_here_may_never_have_been_finished() {
        ByteBuffer bytes = segment(128, 1);
        goesOn(bytes, 126, 20_000);
        goesOn(bytes, 127, 12_000);

        assertThat(certain(bytes)).contains(new Lsn(0x500000 + 125 * PAGE));
    }

    @Test
    void in_the_middle_of_one_record_nothing_is_certain() {
        ByteBuffer bytes = segment(128, 1);
        for (int page = 0; page < 128; page++) {
            goesOn(bytes, page, 4_000_000 - page * PAGE);
        }

        assertThat(certain(bytes)).isEmpty();
    }

    private static Optional<Lsn> certain(ByteBuffer bytes) {
        SegmentPages pages = new SegmentPages(SEGMENT);
        assertThat(pages.next(bytes)).isEmpty();
        return pages.certain();
    }

    /** In steps, as files are read. */
    private static Optional<String> walk(ByteBuffer bytes) {
        SegmentPages pages = new SegmentPages(SEGMENT);
        for (int at = 0; at < bytes.capacity(); at += 4 * PAGE) {
            Optional<String> wrong = pages.next(bytes.slice(at, 4 * PAGE));
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return Optional.empty();
    }

    private static void goesOn(ByteBuffer bytes, int page, int remaining) {
        int flags = bytes.getShort(page * PAGE + 2) | 1;
        bytes.putShort(page * PAGE + 2, (short) flags).putInt(page * PAGE + 16, remaining);
    }

    private static ByteBuffer segment(int pages, int timeline) {
        ByteBuffer bytes = ByteBuffer.allocate((int) SIZE.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int page = 0; page < pages; page++) {
            int at = page * PAGE;
            bytes.putShort(at, (short) 0xD116)
                    .putShort(at + 2, (short) (page == 0 ? 2 : 4))
                    .putInt(at + 4, timeline)
                    .putLong(at + 8, SEGMENT.start().value() + at);
        }
        return bytes.putLong(24, 7).putInt(32, (int) SIZE.bytes()).putInt(36, PAGE);
    }
}
