package io.matriarch.archiver.repository;

import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Segments of one timeline, added in whatever order a store lists them: a bit each where they lie
 * close together, so that millions take little room.
 */
final class SegmentNumbers {

    private static final int TOGETHER = 4_096;

    private final SortedMap<Long, BitSet> blocks = new TreeMap<>();

    void add(long number) {
        blocks.computeIfAbsent(number / TOGETHER, _ -> new BitSet(TOGETHER))
                .set((int) (number % TOGETHER));
    }

    /** In order, none touching the next. */
    List<SegmentRange> ranges(TimelineId timeline, WalSegmentSize size) {
        List<SegmentRange> ranges = new ArrayList<>();
        for (Map.Entry<Long, BitSet> block : blocks.entrySet()) {
            long start = block.getKey() * TOGETHER;
            BitSet bits = block.getValue();
            for (int from = bits.nextSetBit(0); from >= 0; ) {
                int to = bits.nextClearBit(from);
                append(ranges, range(timeline, start + from, start + to - 1, size));
                from = bits.nextSetBit(to);
            }
        }
        return ranges;
    }

    private static void append(List<SegmentRange> ranges, SegmentRange range) {
        boolean goesOn =
                !ranges.isEmpty() && ranges.getLast().last().number() + 1 == range.first().number();
        ranges.add(goesOn ? new SegmentRange(ranges.removeLast().first(), range.last()) : range);
    }

    private static SegmentRange range(
            TimelineId timeline, long first, long last, WalSegmentSize size) {
        return new SegmentRange(
                new WalSegment(timeline, first, size), new WalSegment(timeline, last, size));
    }
}
