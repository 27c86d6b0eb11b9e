package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Which segments to fetch before they are asked for. Nothing, until two in a row were taken: a
 * standby that streams looks into the archive only now and then.
 *
 * @param last the segment asked for last; empty before the first
 * @param isInARow whether it followed the one before
 * @param end the first segment that the archive did not have when it was fetched ahead; empty if
 *     unknown
 */
record Prefetch(int depth, Optional<WalSegment> last, boolean isInARow, Optional<WalSegment> end) {

    static Prefetch nothing(int depth) {
        return new Prefetch(depth, Optional.empty(), false, Optional.empty());
    }

    /** One that lay ready was taken; seeing late that an earlier one was is no step back. */
    Prefetch taken(WalSegment segment) {
        boolean isLate =
                last.isPresent()
                        && last.get().timeline().equals(segment.timeline())
                        && segment.number() <= last.get().number();
        return isLate ? this : asked(segment);
    }

    /** A segment was asked for. */
    Prefetch asked(WalSegment segment) {
        if (last.equals(Optional.of(segment))) {
            return this;
        }
        boolean follows = last.isPresent() && last.get().next().equals(segment);
        Optional<WalSegment> stillUnknown = end.filter(e -> e.compareTo(segment) > 0);
        return new Prefetch(depth, Optional.of(segment), follows, stillUnknown);
    }

    /** A segment fetched ahead was not there. */
    Prefetch endsAt(WalSegment segment) {
        Optional<WalSegment> nearest =
                end.isPresent() && end.get().compareTo(segment) < 0 ? end : Optional.of(segment);
        return new Prefetch(depth, last, isInARow, nearest);
    }

    /** What should be on its way now. */
    List<WalSegment> ahead() {
        if (!isInARow) {
            return List.of();
        }
        WalSegment from = last.orElseThrow();
        return LongStream.rangeClosed(1, depth)
                .mapToObj(i -> new WalSegment(from.timeline(), from.number() + i, from.size()))
                .takeWhile(segment -> end.isEmpty() || segment.compareTo(end.get()) < 0)
                .toList();
    }

    /** What lies ready and will not be asked for, as far as can be told. */
    List<WalName> useless(Set<WalName> files, WalSegmentSize size) {
        return files.stream()
                .filter(file -> !isUseful(file, size))
                .sorted(Comparator.comparing(WalName::text))
                .toList();
    }

    private boolean isUseful(WalName file, WalSegmentSize size) {
        Optional<WalSegment> segment = WalSegment.tryParse(file.text(), size);
        if (segment.isEmpty() || last.isEmpty()) {
            // Histories are asked for once each; they were asked for, or they would not be here.
            return true;
        }
        long distance = segment.get().number() - last.get().number();
        return segment.get().timeline().equals(last.get().timeline())
                && distance >= 0
                && distance <= depth;
    }
}
