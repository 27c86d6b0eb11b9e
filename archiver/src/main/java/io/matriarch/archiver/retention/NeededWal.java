package io.matriarch.archiver.retention;

import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Which WAL has to stay. Above a position, everything: positions are common to all timelines, so no
 * backup needs a segment with a lower number than its own start, on whatever timeline. Below it,
 * what single backups need to become consistent.
 *
 * @param from number of the first segment of which all stays
 * @param why it stays from there on
 */
record NeededWal(long from, String why, List<Need> needs) {

    /** What a backup needs by itself. */
    record Need(SegmentRange segments, String reason) {}

    NeededWal {
        needs = List.copyOf(needs);
    }

    /** A stretch of which one thing is true. */
    private record Stretch(long last, boolean isKept, String reason) {}

    /** Verdicts on stretches of a range, in order. */
    List<Verdict> judge(SegmentRange range) {
        List<Verdict> verdicts = new ArrayList<>();
        WalSegment next = range.first();
        while (next.number() <= range.last().number()) {
            Stretch stretch = around(next.timeline(), next.number());
            WalSegment last =
                    new WalSegment(
                            next.timeline(),
                            Math.min(stretch.last, range.last().number()),
                            next.size());
            verdicts.add(
                    new Verdict.OnWal(
                            new SegmentRange(next, last), stretch.isKept, stretch.reason));
            next = last.next();
        }
        return verdicts;
    }

    boolean isNeeded(WalSegment segment) {
        return around(segment.timeline(), segment.number()).isKept;
    }

    String reason(WalSegment segment) {
        return around(segment.timeline(), segment.number()).reason;
    }

    private Stretch around(TimelineId timeline, long number) {
        if (number >= from) {
            return new Stretch(Long.MAX_VALUE, true, why);
        }
        long nextNeed = from;
        for (Need need : needs) {
            if (!need.segments().first().timeline().equals(timeline)) {
                continue;
            }
            long first = need.segments().first().number();
            long last = need.segments().last().number();
            if (first <= number && number <= last) {
                return new Stretch(Math.min(last, from - 1), true, need.reason());
            }
            if (first > number) {
                nextNeed = Math.min(nextNeed, first);
            }
        }
        return new Stretch(nextNeed - 1, false, "older than any kept backup needs");
    }
}
