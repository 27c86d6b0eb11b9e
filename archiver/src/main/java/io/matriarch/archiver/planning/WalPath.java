package io.matriarch.archiver.planning;

import io.matriarch.archiver.repository.SegmentList;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The segments that replay reads from a position on, along a lineage, as far as the archive has
 * them without a gap. Where one timeline is left for another inside a segment, replay reads the new
 * timeline's copy of it, as PostgreSQL does.
 *
 * @param end replay can come this far
 * @param firstMissing the segment that ends the path
 * @param hasGap whether the archive has later segments of this lineage
 */
record WalPath(SegmentList segments, Lsn end, WalSegment firstMissing, boolean hasGap) {

    static WalPath from(Lsn start, TimelineHistory lineage, WalInventory wal) {
        WalSegmentSize size = wal.segmentSize();
        List<SegmentRange> ranges = new ArrayList<>();
        WalSegment next = WalSegment.containing(timelineIn(start, lineage, size), start, size);
        for (Optional<WalSegment> reach = wal.lastContiguous(next);
                reach.isPresent();
                reach = wal.lastContiguous(next)) {
            WalSegment last = onItsTimeline(reach.get(), lineage);
            ranges.add(new SegmentRange(next, last));
            next = after(last, lineage);
        }
        Lsn end = next.start();
        for (TimelineHistory.Switch left : switchesIn(next, lineage)) {
            WalSegment parents = next.on(left.parent());
            if (wal.contains(parents)) {
                ranges.add(new SegmentRange(parents, parents));
                end = left.at();
                break;
            }
        }
        return new WalPath(SegmentList.of(ranges), end, next, hasLater(next, lineage, wal));
    }

    /** The segment itself, or the last before the one in which its timeline is left. */
    private static WalSegment onItsTimeline(WalSegment segment, TimelineHistory lineage) {
        return lineage.switches().stream()
                .filter(left -> left.parent().equals(segment.timeline()))
                .map(left ->
                        WalSegment.containing(left.parent(), left.at(), segment.size()).number())
                .filter(left -> left <= segment.number())
                .map(left -> new WalSegment(segment.timeline(), left - 1, segment.size()))
                .findFirst()
                .orElse(segment);
    }

    /** The same path without what lies behind the segment that ends at or after {@code enough}. */
    WalPath upTo(Lsn enough) {
        if (!enough.isBefore(end)) {
            return this;
        }
        WalSegment last = WalSegment.endingAt(firstMissing.timeline(), enough, firstMissing.size());
        return new WalPath(segments.upTo(last.number()), end, firstMissing, hasGap);
    }

    private static WalSegment after(WalSegment segment, TimelineHistory lineage) {
        WalSegment next = segment.next();
        return next.on(timelineIn(next.start(), lineage, segment.size()));
    }

    /** The newest timeline of the lineage that has bytes in the segment around {@code position}. */
    private static TimelineId timelineIn(
            Lsn position, TimelineHistory lineage, WalSegmentSize size) {
        WalSegment segment = WalSegment.containing(lineage.timeline(), position, size);
        return lineage.timelineOf(new Lsn(segment.end().value() - 1));
    }

    /** Where in this segment one timeline was left for another, the last first. */
    private static List<TimelineHistory.Switch> switchesIn(
            WalSegment segment, TimelineHistory lineage) {
        return lineage.switches().reversed().stream()
                .filter(it -> it.at().isAfter(segment.start()) && it.at().isBefore(segment.end()))
                .toList();
    }

    private static boolean hasLater(WalSegment missing, TimelineHistory lineage, WalInventory wal) {
        List<TimelineId> timelines = new ArrayList<>();
        lineage.switches().forEach(it -> timelines.add(it.parent()));
        timelines.add(lineage.timeline());
        for (TimelineId timeline : timelines) {
            Optional<WalSegment> last = wal.last(timeline);
            boolean isLater =
                    last.isPresent()
                            && last.get().number() > missing.number()
                            && timelineIn(last.get().start(), lineage, wal.segmentSize())
                                    .equals(timeline);
            if (isLater) {
                return true;
            }
        }
        return false;
    }
}
