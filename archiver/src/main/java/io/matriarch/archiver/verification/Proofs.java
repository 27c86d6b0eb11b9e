package io.matriarch.archiver.verification;

import io.matriarch.archiver.planning.Damage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was proven when, and what was found damaged: the content of an object in {@code
 * verifications/}. It is kept as spans, so that millions of segments take little room.
 *
 * @param spans by folder and number, none overlapping another
 * @param last the run that ended last; empty if none has
 */
public record Proofs(int format, List<Span> spans, List<Flaw> flaws, Optional<LastRun> last) {

    public static final int FORMAT = 1;

    /**
     * A run.
     *
     * @param ended of the clock of whoever verified
     * @param damaged all that was found to be bad, or missing
     */
    public record LastRun(Instant ended, long objects, long bytes, List<Damage> damaged) {

        public LastRun {
            damaged = List.copyOf(damaged);
        }
    }

    private static final Comparator<Span> IN_ORDER =
            Comparator.comparing(Span::folder).thenComparingLong(Span::first);

    public Proofs {
        spans = List.copyOf(spans);
        flaws = List.copyOf(flaws);
    }

    Proofs(List<Span> spans, List<Flaw> flaws) {
        this(FORMAT, spans, flaws, Optional.empty());
    }

    Proofs after(LastRun run) {
        return new Proofs(format, spans, flaws, Optional.of(run));
    }

    /** What several tell together: of each object the latest word holds. */
    public static Proofs together(Collection<Proofs> all) {
        List<Span> spans = new ArrayList<>(all.stream().flatMap(it -> it.spans.stream()).toList());
        spans.sort(Comparator.comparing(Span::at));
        Map<String, NavigableMap<Long, Span>> folders = new TreeMap<>();
        spans.forEach(
                span -> lay(span, folders.computeIfAbsent(span.folder(), _ -> new TreeMap<>())));
        List<Flaw> flaws = flaws(all, folders);
        // Whatever was proven of them before.
        for (Flaw flaw : flaws) {
            NavigableMap<Long, Span> folder =
                    folders.computeIfAbsent(flaw.folder(), _ -> new TreeMap<>());
            lay(new Span(flaw.folder(), flaw.number(), flaw.number(), flaw.found()), folder);
            folder.remove(flaw.number());
        }
        return new Proofs(
                FORMAT,
                folders.values().stream().flatMap(it -> joined(it.values()).stream()).toList(),
                flaws,
                all.stream()
                        .flatMap(it -> it.last.stream())
                        .max(Comparator.comparing(LastRun::ended)));
    }

    /** Those that no later proof refutes. */
    private static List<Flaw> flaws(
            Collection<Proofs> all, Map<String, NavigableMap<Long, Span>> folders) {
        Map<Numbered, Flaw> flaws = new HashMap<>();
        all.stream()
                .flatMap(it -> it.flaws.stream())
                .sorted(Comparator.comparing(Flaw::found))
                .forEach(flaw -> flaws.put(flaw.object(), flaw));
        return flaws.values().stream()
                .filter(flaw ->
                        at(flaw.object(), folders)
                                .filter(at -> !at.isBefore(flaw.found()))
                                .isEmpty())
                .sorted(Comparator.comparing(Flaw::folder).thenComparingLong(Flaw::number))
                .toList();
    }

    private static Optional<Instant> at(
            Numbered object, Map<String, NavigableMap<Long, Span>> folders) {
        return Optional.ofNullable(folders.get(object.folder()))
                .map(spans -> spans.floorEntry(object.number()))
                .map(Map.Entry::getValue)
                .filter(span -> span.contains(object))
                .map(Span::at);
    }

    /** Lays a span over what is there, which is older. */
    private static void lay(Span span, NavigableMap<Long, Span> over) {
        Optional.ofNullable(over.lowerEntry(span.first()))
                .map(Map.Entry::getValue)
                .filter(it -> it.last() >= span.first())
                .ifPresent(it -> {
                    over.put(it.first(), it.between(it.first(), span.first() - 1));
                    if (it.last() > span.last()) {
                        over.put(span.last() + 1, it.between(span.last() + 1, it.last()));
                    }
                });
        NavigableMap<Long, Span> covered = over.subMap(span.first(), true, span.last(), true);
        Optional<Span> beyond =
                Optional.ofNullable(covered.lastEntry())
                        .map(Map.Entry::getValue)
                        .filter(it -> it.last() > span.last())
                        .map(it -> it.between(span.last() + 1, it.last()));
        covered.clear();
        over.put(span.first(), span);
        beyond.ifPresent(it -> over.put(it.first(), it));
    }

    private static List<Span> joined(Collection<Span> inOrder) {
        List<Span> joined = new ArrayList<>();
        for (Span span : inOrder) {
            Span before = joined.isEmpty() ? null : joined.getLast();
            if (before != null
                    && before.last() + 1 == span.first()
                    && before.at().equals(span.at())) {
                joined.removeLast();
                joined.add(before.between(before.first(), span.last()));
            } else {
                joined.add(span);
            }
        }
        return joined;
    }

    /** Only what is told of these objects: what has been deleted is forgotten. */
    Proofs of(List<Stock> present) {
        List<Span> kept = new ArrayList<>();
        for (Stock stock : present) {
            for (Span span : spans) {
                long first = Math.max(span.first(), stock.first());
                long last = Math.min(span.last(), stock.last());
                if (span.folder().equals(stock.folder()) && first <= last) {
                    kept.add(span.between(first, last));
                }
            }
        }
        kept.sort(IN_ORDER);
        return new Proofs(
                format,
                kept,
                flaws.stream()
                        .filter(flaw -> present.stream().anyMatch(it -> it.has(flaw.object())))
                        .toList(),
                last);
    }
}
