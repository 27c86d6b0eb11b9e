package io.matriarch.archiver.verification;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * The order in which an archive is read back. What was found damaged comes first; then by turns a
 * bundle that was never proven, a segment that was not, and what was proven longest ago. So a
 * sample looks at what is new and still comes round to all that is old.
 */
final class Rotation implements Iterator<Numbered> {

    private final Deque<Numbered> flawed = new ArrayDeque<>();
    private final Deque<Stock> bundles = new ArrayDeque<>();
    private final Deque<Stock> segments = new ArrayDeque<>();
    private final Deque<Stock> again = new ArrayDeque<>();
    private final List<Deque<Stock>> turns = List.of(bundles, segments, again);
    private int turn;

    /** What is among those never proven, and comes first all the same. */
    private final Set<Numbered> shown = new HashSet<>();

    /**
     * @param present in the order in which what was never proven is to be read
     * @param proofs of nothing but what is present
     */
    Rotation(List<Stock> present, Proofs proofs) {
        proofs.flaws().stream()
                .sorted(Comparator.comparing(Flaw::found))
                .map(Flaw::object)
                .forEach(flawed::add);
        shown.addAll(flawed);
        for (Stock stock : present) {
            (stock.isOfTheLog() ? segments : bundles)
                    .addAll(unproven(stock, proofs.spans()).reversed());
        }
        proofs.spans().stream()
                .sorted(Comparator.comparing(Span::at))
                .forEach(span -> again.add(new Stock(span.folder(), span.first(), span.last())));
    }

    private static List<Stock> unproven(Stock stock, List<Span> inOrder) {
        List<Stock> unproven = new ArrayList<>();
        long next = stock.first();
        for (Span span : inOrder) {
            boolean concerns =
                    span.folder().equals(stock.folder())
                            && span.last() >= next
                            && span.first() <= stock.last();
            if (concerns) {
                if (span.first() > next) {
                    unproven.add(new Stock(stock.folder(), next, span.first() - 1));
                }
                next = span.last() + 1;
            }
        }
        if (next <= stock.last()) {
            unproven.add(new Stock(stock.folder(), next, stock.last()));
        }
        return unproven;
    }

    @Override
    public boolean hasNext() {
        dropShown(bundles);
        dropShown(segments);
        return !flawed.isEmpty() || turns.stream().anyMatch(queue -> !queue.isEmpty());
    }

    private void dropShown(Deque<Stock> queue) {
        while (!queue.isEmpty()
                && shown.remove(new Numbered(queue.element().folder(), queue.element().last()))) {
            take(queue);
        }
    }

    @Override
    public Numbered next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (!flawed.isEmpty()) {
            return flawed.remove();
        }
        while (turns.get(turn).isEmpty()) {
            turn = (turn + 1) % turns.size();
        }
        Numbered next = take(turns.get(turn));
        turn = (turn + 1) % turns.size();
        return next;
    }

    /** The newest first: what is old may lie where it cannot be read at once. */
    private static Numbered take(Deque<Stock> queue) {
        Stock stock = queue.remove();
        if (stock.first() < stock.last()) {
            queue.addFirst(new Stock(stock.folder(), stock.first(), stock.last() - 1));
        }
        return new Numbered(stock.folder(), stock.last());
    }
}
