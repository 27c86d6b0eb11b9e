package io.matriarch.archiver.repository;

import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Which WAL a repository holds, going by a listing: whole segments only, as ranges without gaps, so
 * that millions of segments take little room.
 *
 * @param ranges of each timeline, in order, none touching the next
 * @param histories timelines whose history file is there
 * @param partials names of the segments of which only the beginning is there
 * @param labels names of the files that base backups have left in the log
 */
public record WalInventory(
        WalSegmentSize segmentSize,
        SortedMap<TimelineId, List<SegmentRange>> ranges,
        SortedSet<TimelineId> histories,
        SortedSet<String> partials,
        SortedSet<String> labels) {

    public WalInventory {
        SortedMap<TimelineId, List<SegmentRange>> copy = new TreeMap<>();
        ranges.forEach((timeline, list) -> copy.put(timeline, List.copyOf(list)));
        ranges = Collections.unmodifiableSortedMap(copy);
        histories = Collections.unmodifiableSortedSet(new TreeSet<>(histories));
        partials = Collections.unmodifiableSortedSet(new TreeSet<>(partials));
        labels = Collections.unmodifiableSortedSet(new TreeSet<>(labels));
    }

    /**
     * Reads a listing of {@link RepositoryLayout#walFolder()}, or of one timeline's folder; objects
     * that are not WAL are skipped.
     */
    public static WalInventory of(WalSegmentSize size, List<ListedObject> listing) {
        Stocktaking taken = new Stocktaking(size);
        listing.forEach(taken);
        return taken.inventory();
    }

    /** The same of a listing that may be long. */
    public static WalInventory of(WalSegmentSize size, ObjectStore store, Listing listing) {
        Stocktaking taken = new Stocktaking(size);
        store.each(listing, taken);
        return taken.inventory();
    }

    /**
     * Takes names down.
     *
     * @param shown tells each of them, in any order, and perhaps twice
     */
    public static WalInventory ofNames(WalSegmentSize size, Consumer<Consumer<WalName>> shown) {
        Stocktaking taken = new Stocktaking(size);
        shown.accept(taken::add);
        return taken.inventory();
    }

    /** Takes down what is shown one by one, in any order. */
    private static final class Stocktaking implements Consumer<ListedObject> {

        private final WalSegmentSize size;
        private final SortedMap<TimelineId, SegmentNumbers> numbers = new TreeMap<>();
        private final SortedSet<TimelineId> histories = new TreeSet<>();
        private final SortedSet<String> partials = new TreeSet<>();
        private final SortedSet<String> labels = new TreeSet<>();

        Stocktaking(WalSegmentSize size) {
            this.size = size;
        }

        @Override
        public void accept(ListedObject object) {
            WalName.tryParse(fileName(object.key())).ifPresent(this::add);
        }

        private void add(WalName name) {
            switch (name) {
                case WalName.Segment segment ->
                        WalSegment.tryParse(segment.text(), size)
                                .ifPresent(it ->
                                        numbers.computeIfAbsent(
                                                        it.timeline(), _ -> new SegmentNumbers())
                                                .add(it.number()));
                case WalName.Partial partial -> partials.add(partial.segmentName());
                case WalName.History history -> histories.add(history.timeline());
                case WalName.BackupLabel label -> labels.add(label.text());
            }
        }

        private static String fileName(String key) {
            String name = key.substring(key.lastIndexOf('/') + 1);
            return name.endsWith(RepositoryLayout.COMPRESSED)
                    ? name.substring(0, name.length() - RepositoryLayout.COMPRESSED.length())
                    : name;
        }

        WalInventory inventory() {
            SortedMap<TimelineId, List<SegmentRange>> ranges = new TreeMap<>();
            numbers.forEach(
                    (timeline, added) -> ranges.put(timeline, added.ranges(timeline, size)));
            return new WalInventory(size, ranges, histories, partials, labels);
        }
    }

    private static SegmentRange range(
            TimelineId timeline, long first, long last, WalSegmentSize size) {
        return new SegmentRange(
                new WalSegment(timeline, first, size), new WalSegment(timeline, last, size));
    }

    public boolean contains(WalSegment segment) {
        return rangeOf(segment).isPresent();
    }

    /** Whether a timeline can be followed: the first one needs no history file. */
    public boolean hasHistory(TimelineId timeline) {
        return timeline.equals(TimelineId.FIRST) || histories.contains(timeline);
    }

    public Optional<WalSegment> first(TimelineId timeline) {
        return rangesOf(timeline).stream().findFirst().map(SegmentRange::first);
    }

    public Optional<WalSegment> last(TimelineId timeline) {
        List<SegmentRange> all = rangesOf(timeline);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().last());
    }

    /**
     * The last segment that can be reached from {@code start} without a gap; empty if it is
     * missing.
     */
    public Optional<WalSegment> lastContiguous(WalSegment start) {
        return rangeOf(start).map(SegmentRange::last);
    }

    /** The first segment from {@code start} on, itself included, that is not there. */
    public WalSegment firstMissingFrom(WalSegment start) {
        return lastContiguous(start).map(WalSegment::next).orElse(start);
    }

    /** What is missing between two segments of a timeline, both included. */
    public List<SegmentRange> missing(WalSegment from, WalSegment to) {
        List<SegmentRange> missing = new ArrayList<>();
        WalSegment next = from;
        for (SegmentRange range : rangesOf(from.timeline())) {
            if (range.first().number() > to.number()) {
                break;
            }
            if (range.first().number() > next.number()) {
                missing.add(
                        range(
                                from.timeline(),
                                next.number(),
                                range.first().number() - 1,
                                segmentSize));
            }
            if (range.last().number() >= next.number()) {
                next = range.last().next();
            }
        }
        if (next.number() <= to.number()) {
            missing.add(new SegmentRange(next, to));
        }
        return List.copyOf(missing);
    }

    /** The holes in what is there of a timeline. */
    public List<SegmentRange> gaps(TimelineId timeline) {
        Optional<WalSegment> first = first(timeline);
        Optional<WalSegment> last = last(timeline);
        return first.isPresent() && last.isPresent() ? missing(first.get(), last.get()) : List.of();
    }

    private List<SegmentRange> rangesOf(TimelineId timeline) {
        return ranges.getOrDefault(timeline, List.of());
    }

    private Optional<SegmentRange> rangeOf(WalSegment segment) {
        return rangesOf(segment.timeline()).stream().filter(r -> r.contains(segment)).findFirst();
    }
}
