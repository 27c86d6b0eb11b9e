package io.matriarch.workload;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What one client was promised, in the order in which it learnt of it. */
public record Acknowledgements(List<Acknowledgement> inOrder) {

    public Acknowledgements {
        inOrder = List.copyOf(inOrder);
    }

    public int count() {
        return inOrder.size();
    }

    /** The longest time between two of them. */
    public Duration longestGap() {
        return inOrder.isEmpty()
                ? Duration.ZERO
                : longestGap(inOrder.getFirst().nanos(), inOrder.getLast().nanos());
    }

    /**
     * The longest time without one that ended after {@code from}, up to {@code to}: what a client
     * waited that was there before, and stayed.
     */
    public Duration longestGap(long from, long to) {
        long longest = 0;
        long last = from;
        for (Acknowledgement each : inOrder) {
            if (each.nanos() - to > 0) {
                break;
            }
            if (each.nanos() - from > 0) {
                longest = Math.max(longest, each.nanos() - last);
            }
            last = each.nanos();
        }
        return Duration.ofNanos(Math.max(longest, to - last));
    }

    /** The rows that were promised and are not there. */
    public List<Long> lost(Set<Long> present) {
        return inOrder.stream()
                .map(Acknowledgement::id)
                .filter(id -> !present.contains(id))
                .toList();
    }

    /**
     * Those that show two servers writing at the same time: a commit on one timeline that was asked
     * for when another client, or the same, already had an answer from a later one; and a commit by
     * a second server on the same timeline.
     *
     * @param all of all clients, in any order
     */
    public static List<Acknowledgement> overlapping(Collection<Acknowledgement> all) {
        NavigableMap<Long, Long> begun = new TreeMap<>();
        Map<Long, Integer> owners = new HashMap<>();
        List<Acknowledgement> sorted =
                all.stream().sorted(Comparator.comparingLong(Acknowledgement::nanos)).toList();
        for (Acknowledgement each : sorted) {
            begun.putIfAbsent(each.writer().timeline(), each.nanos());
            owners.putIfAbsent(each.writer().timeline(), each.writer().port());
        }
        return sorted.stream()
                .filter(each -> isForeign(each, owners) || isLate(each, begun))
                .toList();
    }

    private static boolean isForeign(Acknowledgement each, Map<Long, Integer> owners) {
        return owners.getOrDefault(each.writer().timeline(), 0) != each.writer().port();
    }

    private static boolean isLate(Acknowledgement each, NavigableMap<Long, Long> begun) {
        return begun.tailMap(each.writer().timeline(), false).values().stream()
                .anyMatch(first -> each.sentNanos() - first > 0);
    }
}
