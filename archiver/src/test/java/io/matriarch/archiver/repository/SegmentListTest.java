package io.matriarch.archiver.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.ListedObject;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SegmentListTest {

    private static final WalSegmentSize SIZE = WalSegmentSize.DEFAULT;
    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));

    private static WalSegment segment(long timeline, long number) {
        return new WalSegment(new TimelineId(timeline), number, SIZE);
    }

    @Test
    void it_is_the_list_that_it_was_made_of() {
        List<WalSegment> plain =
                List.of(segment(1, 3), segment(1, 4), segment(2, 5), segment(2, 6), segment(1, 7));

        SegmentList held = SegmentList.copyOf(plain);

        assertThat(held).isEqualTo(plain).containsExactlyElementsOf(plain);
        assertThat(held.contains(segment(2, 6))).isTrue();
        assertThat(held.contains(segment(1, 6))).isFalse();
        assertThat(held.upTo(5)).containsExactlyElementsOf(plain.subList(0, 3));
        assertThatThrownBy(() -> held.get(5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** Blocks of bits end at 4096. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void an_inventory_knows_what_was_listed_in_whatever_order(long seed) {
        Random random = new Random(seed);
        TreeSet<Long> there = new TreeSet<>();
        for (long number = 4_000; number < 12_400; number++) {
            if (random.nextInt(100) > 0 || number % 4_096 == 0) {
                there.add(number);
            }
        }
        List<ListedObject> listing = new ArrayList<>();
        there.forEach(number ->
                listing.add(
                        new ListedObject(LAYOUT.segment(segment(1, number)), 1, Instant.EPOCH)));
        Collections.shuffle(listing, random);

        WalInventory inventory = WalInventory.of(SIZE, listing);

        List<SegmentRange> ranges = inventory.ranges().getOrDefault(TimelineId.FIRST, List.of());
        assertThat(SegmentList.of(ranges).stream().map(WalSegment::number))
                .containsExactlyElementsOf(there);
        for (int i = 1; i < ranges.size(); i++) {
            assertThat(ranges.get(i).first().number())
                    .isGreaterThan(ranges.get(i - 1).last().number() + 1);
        }
    }
}
