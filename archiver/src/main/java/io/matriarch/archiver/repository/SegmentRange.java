package io.matriarch.archiver.repository;

import io.matriarch.postgres.WalSegment;

/** Segments of one timeline without a gap, both ends included. */
public record SegmentRange(WalSegment first, WalSegment last) {

    public SegmentRange {
        if (!first.timeline().equals(last.timeline()) || first.number() > last.number()) {
            throw new IllegalArgumentException(
                    "segments: " + first + " to " + last + " (expected: one timeline, in order)");
        }
    }

    public long count() {
        return last.number() - first.number() + 1;
    }

    public boolean contains(WalSegment segment) {
        return segment.timeline().equals(first.timeline())
                && segment.number() >= first.number()
                && segment.number() <= last.number();
    }

    @Override
    public String toString() {
        return first.equals(last) ? first.name() : first + " to " + last;
    }
}
