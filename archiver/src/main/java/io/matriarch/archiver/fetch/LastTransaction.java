package io.matriarch.archiver.fetch;

import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.wal.TransactionEnds;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** When the last transaction in a stretch of archived WAL ended. */
public sealed interface LastTransaction {

    /** At this time, by the server's clock. */
    record Ended(Instant time) implements LastTransaction {}

    /** There is none at all. */
    record None() implements LastTransaction {}

    /** The segments are too large to be looked into. */
    record Unknown() implements LastTransaction {}

    /**
     * Once there is one, so many segments are looked at for a later one: a server whose clock is
     * behind may have taken over.
     */
    int LOOKED_AT = 32;

    /** Segments are read into memory, so that a killed process leaves nothing of them. */
    long LARGEST = 64L << 20;

    /** So much of the next segment is kept, for the record that goes on there. */
    int FOLLOWING = 1 << 20;

    /**
     * Reads backwards. A cluster that nobody writes to may archive a segment each minute for days:
     * it goes on until there is a transaction, or no segment is left.
     *
     * @param contents whole and proven
     * @param segments in the order of replay
     * @param enough a transaction that ended later need not be the last
     */
    static LastTransaction in(
            Function<WalSegment, byte[]> contents, List<WalSegment> segments, Instant enough) {
        if (segments.stream().anyMatch(segment -> segment.size().bytes() > LARGEST)) {
            return new Unknown();
        }
        return latest(contents, segments, enough)
                .<LastTransaction>map(Ended::new)
                .orElseGet(None::new);
    }

    private static Optional<Instant> latest(
            Function<WalSegment, byte[]> contents, List<WalSegment> segments, Instant enough) {
        Optional<Instant> latest = Optional.empty();
        byte[] following = {};
        int looked = 0;
        for (WalSegment segment : segments.reversed()) {
            if (latest.isPresent() && (latest.get().isAfter(enough) || looked >= LOOKED_AT)) {
                break;
            }
            byte[] content = contents.apply(segment);
            Optional<Instant> here =
                    TransactionEnds.in(content, following).stream()
                            .map(TransactionEnds.End::time)
                            .max(Comparator.naturalOrder());
            if (here.isPresent() && latest.map(here.get()::isAfter).orElse(true)) {
                latest = here;
            }
            following = Arrays.copyOf(content, Math.min(content.length, FOLLOWING));
            looked++;
        }
        return latest;
    }
}
