package io.matriarch.archiver.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.store.ListedObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalInventoryTest {

    private static final TimelineId ONE = new TimelineId(1);
    private static final TimelineId TWO = new TimelineId(2);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    nothing there             | ''      | 3 | 5 | 3-5
                    all there                 | 3 4 5   | 3 | 5 | -
                    the first is missing      | 4 5     | 3 | 5 | 3
                    the last is missing       | 3 4     | 3 | 5 | 5
                    a hole                    | 3 5     | 3 | 5 | 4
                    two holes                 | 3 6 9   | 3 | 9 | 4-5,7-8
                    what is outside is no gap | 1 9     | 3 | 5 | 3-5
                    a range over the edges    | 2 3 4 5 | 3 | 4 | -
                    """)
    void what_is_missing(String name, String there, long from, long to, String missing) {
        WalInventory inventory = inventory(ONE, there);

        assertThat(inventory.missing(segment(ONE, from), segment(ONE, to)))
                .as(name)
                .extracting(WalInventoryTest::text)
                .isEqualTo(missing == null ? List.of() : List.of(missing.split(",", -1)));
    }

    @Test
    void contiguous_is_up_to_the_first_gap() {
        WalInventory inventory = inventory(ONE, "3 4 6");

        assertThat(inventory.lastContiguous(segment(ONE, 3))).contains(segment(ONE, 4));
        assertThat(inventory.firstMissingFrom(segment(ONE, 3))).isEqualTo(segment(ONE, 5));
        assertThat(inventory.lastContiguous(segment(ONE, 5))).isEmpty();
        assertThat(inventory.firstMissingFrom(segment(ONE, 5))).isEqualTo(segment(ONE, 5));
        assertThat(inventory.gaps(ONE)).extracting(WalInventoryTest::text).containsExactly("5");
    }

    @Test
    void timelines_do_not_mix() {
        List<ListedObject> listing = new ArrayList<>(listing(ONE, "3 4"));
        listing.addAll(listing(TWO, "4 5"));
        listing.add(object("wal/00000002.history"));
        listing.add(object("wal/00000001/" + segment(ONE, 5).name() + ".partial.zst"));
        listing.add(object("wal/00000001/" + segment(ONE, 4).name() + ".00000028.backup"));
        listing.add(object("wal/README"));

        WalInventory inventory = WalInventory.of(WalSegmentSize.DEFAULT, listing);

        assertThat(inventory.last(ONE)).contains(segment(ONE, 4));
        assertThat(inventory.first(TWO)).contains(segment(TWO, 4));
        assertThat(inventory.contains(segment(ONE, 5))).isFalse();
        assertThat(inventory.hasHistory(TWO)).isTrue();
        assertThat(inventory.hasHistory(ONE)).isTrue();
        assertThat(inventory.hasHistory(new TimelineId(3))).isFalse();
        assertThat(inventory.partials()).containsExactly(segment(ONE, 5).name());
    }

    private static WalInventory inventory(TimelineId timeline, String numbers) {
        return WalInventory.of(WalSegmentSize.DEFAULT, listing(timeline, numbers));
    }

    private static List<ListedObject> listing(TimelineId timeline, String numbers) {
        return Stream.of(numbers.split(" ", -1))
                .filter(number -> !number.isEmpty())
                .map(number -> segment(timeline, Long.parseLong(number)))
                .map(segment -> object("wal/" + timeline.hex() + "/" + segment + ".zst"))
                .toList();
    }

    private static ListedObject object(String key) {
        return new ListedObject("shop/7/" + key, 1, Instant.EPOCH);
    }

    private static WalSegment segment(TimelineId timeline, long number) {
        return new WalSegment(timeline, number, WalSegmentSize.DEFAULT);
    }

    private static String text(SegmentRange range) {
        long first = range.first().number();
        long last = range.last().number();
        return first == last ? "" + first : first + "-" + last;
    }
}
