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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** When the last transaction in a stretch of archived WAL ended. */
public final class LastTransaction {

    /** An idle cluster archives a segment each minute or so, with nothing in it. */
    private static final int LOOKED_AT = 32;

    /** Segments are read into memory; of larger ones nothing is known. */
    private static final long LARGEST = 64L << 20;

    private LastTransaction() {}

    /**
     * Reads backwards until a segment has one; empty if none of the last few has.
     *
     * @param segments in the order of replay
     */
    public static Optional<Instant> in(PlannedWal.Source source, List<WalSegment> segments) {
        try {
            Path file = Files.createTempFile("matriarch-", ".wal");
            try {
                return segments.reversed().stream()
                        .limit(LOOKED_AT)
                        .map(segment -> in(source, segment, file))
                        .flatMap(Optional::stream)
                        .findFirst();
            } finally {
                DurableFiles.discard(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Instant> in(PlannedWal.Source source, WalSegment segment, Path file) {
        if (segment.size().bytes() > LARGEST) {
            return Optional.empty();
        }
        source.bring(new WalName.Segment(segment.timeline(), segment.name()), file);
        try {
            return TransactionEnds.in(Files.readAllBytes(file)).stream()
                    .map(TransactionEnds.End::time)
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
