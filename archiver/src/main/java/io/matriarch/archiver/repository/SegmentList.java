package io.matriarch.archiver.repository;

import io.matriarch.postgres.WalSegment;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Segments in the order of replay, held as ranges: a restore may read millions. Cannot be changed.
 */
public final class SegmentList extends AbstractList<WalSegment> implements RandomAccess {

    private final List<SegmentRange> ranges;
    private final int size;

    private SegmentList(List<SegmentRange> ranges) {
        this.ranges = List.copyOf(ranges);
        this.size = Math.toIntExact(ranges.stream().mapToLong(SegmentRange::count).sum());
    }

    /** The segments of ranges, one range after the other. */
    public static SegmentList of(List<SegmentRange> ranges) {
        return new SegmentList(ranges);
    }

    public static SegmentList copyOf(List<WalSegment> segments) {
        if (segments instanceof SegmentList same) {
            return same;
        }
        List<SegmentRange> ranges = new ArrayList<>();
        for (WalSegment segment : segments) {
            boolean goesOn = !ranges.isEmpty() && ranges.getLast().last().next().equals(segment);
            WalSegment first = goesOn ? ranges.removeLast().first() : segment;
            ranges.add(new SegmentRange(first, segment));
        }
        return new SegmentList(ranges);
    }

    /** The same, without those whose number is above {@code most}. */
    public SegmentList upTo(long most) {
        List<SegmentRange> kept = new ArrayList<>();
        for (SegmentRange range : ranges) {
            long last = Math.min(range.last().number(), most);
            if (range.first().number() <= last) {
                WalSegment first = range.first();
                kept.add(
                        new SegmentRange(
                                first, new WalSegment(first.timeline(), last, first.size())));
            }
        }
        return new SegmentList(kept);
    }

    @Override
    public WalSegment get(int index) {
        long rest = index;
        for (SegmentRange range : ranges) {
            if (rest >= 0 && rest < range.count()) {
                WalSegment first = range.first();
                return new WalSegment(first.timeline(), first.number() + rest, first.size());
            }
            rest -= range.count();
        }
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean contains(@Nullable Object other) {
        return other instanceof WalSegment segment
                && ranges.stream().anyMatch(range -> range.contains(segment));
    }
}
