package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.wal.TransactionEnds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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

    /** Segments are read into memory. */
    long LARGEST = 64L << 20;

    /** So much of the next segment is kept, for the record that goes on there. */
    int FOLLOWING = 1 << 20;

    /**
     * Reads backwards. A cluster that nobody writes to may archive a segment each minute for days:
     * it goes on until there is a transaction, or no segment is left.
     *
     * @param segments in the order of replay
     * @param enough a transaction that ended later need not be the last
     */
    static LastTransaction in(PlannedWal.Source source, List<WalSegment> segments, Instant enough) {
        if (segments.stream().anyMatch(segment -> segment.size().bytes() > LARGEST)) {
            return new Unknown();
        }
        try {
            // For this user alone: what is fetched lies beside the file until it is whole.
            Path directory = Files.createTempDirectory("matriarch-");
            Path file = directory.resolve("segment");
            try {
                return latest(source, segments, enough, file)
                        .<LastTransaction>map(Ended::new)
                        .orElseGet(None::new);
            } finally {
                DurableFiles.discard(file);
                DurableFiles.discard(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Instant> latest(
            PlannedWal.Source source, List<WalSegment> segments, Instant enough, Path file)
            throws IOException {
        Optional<Instant> latest = Optional.empty();
        byte[] following = {};
        int looked = 0;
        for (WalSegment segment : segments.reversed()) {
            if (latest.isPresent() && (latest.get().isAfter(enough) || looked >= LOOKED_AT)) {
                break;
            }
            source.bring(new WalName.Segment(segment.timeline(), segment.name()), file);
            byte[] content = Files.readAllBytes(file);
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
