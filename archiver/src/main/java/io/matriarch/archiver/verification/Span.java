package io.matriarch.archiver.verification;

import java.time.Instant;

/**
 * Numbered objects of a folder that follow each other, and were last proven at the same time.
 *
 * @param first of their numbers
 * @param last of their numbers, included
 */
public record Span(String folder, long first, long last, Instant at) {

    public Span {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException(
                    "span of " + folder + ": " + first + " to " + last + " (expected: in order)");
        }
    }

    public long count() {
        return last - first + 1;
    }

    boolean contains(Numbered object) {
        return object.folder().equals(folder)
                && first <= object.number()
                && object.number() <= last;
    }

    Span between(long from, long to) {
        return new Span(folder, from, to, at);
    }
}
