package io.matriarch.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalSegmentTest {

    private static final WalSegmentSize SIXTEEN = WalSegmentSize.DEFAULT;

    @Test
    void the_names_are_postgresqls() {
        TimelineId one = TimelineId.FIRST;

        assertThat(WalSegment.containing(one, Lsn.parse("0/3000148"), SIXTEEN).name())
                .isEqualTo("000000010000000000000003");
        assertThat(WalSegment.containing(one, Lsn.parse("16/B374D848"), SIXTEEN).name())
                .isEqualTo("0000000100000016000000B3");
        assertThat(
                        WalSegment.containing(
                                        one, Lsn.parse("1/40000000"), new WalSegmentSize(1L << 30))
                                .name())
                .isEqualTo("000000010000000100000001");
    }

    @Test
    void every_size_and_timeline_reads_what_it_writes() {
        Random random = new Random(7);
        for (int bits = 20; bits <= 30; bits++) {
            WalSegmentSize size = new WalSegmentSize(1L << bits);
            for (int i = 0; i < 500; i++) {
                long timeline = 1 + Integer.toUnsignedLong(random.nextInt()) % 0xFFFFFFFFL;
                WalSegment segment =
                        WalSegment.containing(
                                new TimelineId(timeline), new Lsn(random.nextLong()), size);

                assertThat(WalSegment.parse(segment.name(), size)).isEqualTo(segment);
            }
        }
    }

    @Test
    void a_name_of_another_segment_size_is_refused() {
        assertThat(WalSegment.tryParse("0000000100000000000000FF", SIXTEEN)).isPresent();
        assertThat(WalSegment.tryParse("000000010000000000000100", SIXTEEN)).isEmpty();
        assertThat(WalSegment.tryParse("00000001.history", SIXTEEN)).isEmpty();
        assertThatThrownBy(() -> WalSegment.parse("x", SIXTEEN))
                .hasMessageContaining("24 hexadecimal digits");
    }

    @Test
    void an_end_on_a_boundary_needs_only_the_segment_before() {
        Lsn boundary = Lsn.parse("0/4000000");

        assertThat(WalSegment.endingAt(TimelineId.FIRST, boundary, SIXTEEN).name())
                .isEqualTo("000000010000000000000003");
    }

    @Test
    void positions_are_unsigned() {
        Lsn high = Lsn.parse("FFFFFFFF/FFFFFFFF");

        assertThat(high).isGreaterThan(Lsn.ZERO);
        assertThat(Lsn.max(high, Lsn.ZERO)).isEqualTo(high);
        assertThat(high.toString()).isEqualTo("FFFFFFFF/FFFFFFFF");
        assertThatThrownBy(() -> Lsn.parse("12")).hasMessageContaining("16/B374D848");
        assertThatThrownBy(() -> Lsn.ZERO.minus(high)).isInstanceOf(IllegalArgumentException.class);
    }
}
