package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a data directory from outside; works while the server runs, and never writes. */
public record DataDirectory(Path path) {

    /** Absent or without any entry; what {@code initdb} and a clone ask for. */
    public boolean isEmpty() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            return !entries.iterator().hasNext();
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (NoSuchFileException e) {
            return true;
        } catch (NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The control file; empty if there is none, which also means that this is not (or not yet) a
     * data directory.
     *
     * @throws IllegalArgumentException if the file is damaged, also after a second look: PostgreSQL
     *     rewrites it in place, and a reader may catch it half written
     */
    public Optional<ControlFile> controlFile() {
        Path file = path.resolve("global/pg_control");
        try {
            return Optional.of(ControlFile.parse(Files.readAllBytes(file)));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IllegalArgumentException torn) {
            return Optional.of(ControlFile.parse(readAgain(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readAgain(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The major version in {@code PG_VERSION}; empty without that file. */
    public Optional<Integer> majorVersion() {
        try {
            return Optional.of(
                    Integer.parseInt(Files.readString(path.resolve("PG_VERSION")).strip()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The history of a timeline as {@code pg_wal} has it; the first timeline needs no file. */
    public Optional<TimelineHistory> history(TimelineId timeline) {
        if (timeline.equals(TimelineId.FIRST)) {
            return Optional.of(TimelineHistory.of(timeline));
        }
        Path file = walDirectory().resolve(timeline.historyFileName());
        try {
            return Optional.of(TimelineHistory.parse(timeline, Files.readString(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The timeline of the WAL just before {@code end}, by the files in {@code pg_wal}: the highest
     * that has this segment, and whose history is known. A standby's own functions tell its
     * timeline only while it streams, or after a restartpoint.
     */
    public Optional<TimelineId> timelineBefore(Lsn end, WalSegmentSize size) {
        long number = WalSegment.endingAt(TimelineId.FIRST, end, size).number();
        try (Stream<Path> files = Files.list(walDirectory())) {
            return files.map(file -> WalSegment.tryParse(file.getFileName().toString(), size))
                    .flatMap(Optional::stream)
                    .filter(segment -> segment.number() == number)
                    .map(WalSegment::timeline)
                    .filter(timeline -> history(timeline).isPresent())
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Whether the server that runs here says, in the last line of {@code postmaster.pid}, that it
     * lets nobody in yet or any more; false if it does not say.
     */
    public boolean isClosedToClients() {
        try {
            return PostmasterFile.of(path)
                    .flatMap(PostmasterFile::status)
                    .filter(it -> it.equals("starting") || it.equals("stopping"))
                    .isPresent();
        } catch (IOException e) {
            // Being rewritten: it has to be asked.
            return false;
        }
    }

    /** Whether a server started here would come up as a standby. */
    public boolean hasStandbySignal() {
        return Files.exists(path.resolve("standby.signal"));
    }

    /** Whether a recovery that ends with a promotion is still to be done, or under way. */
    public boolean hasRecoverySignal() {
        return Files.exists(path.resolve("recovery.signal"));
    }

    public Path walDirectory() {
        return path.resolve("pg_wal");
    }

    public WalFolder wal() {
        return new WalFolder(walDirectory());
    }

    /**
     * Why {@code pg_rewind} is certain to fail here, in words; see {@link
     * ControlFile#obstacleToRewind}.
     */
    public Optional<String> obstacleToRewind() {
        return controlFile()
                .flatMap(file ->
                        file.obstacleToRewind(
                                hasStandbySignal(), wal().has(file.redo(), file.walSegmentSize())));
    }

    /**
     * What this data directory's log has beyond {@code other}; empty if neither has left the other.
     * No server may run here.
     *
     * @param told the last timeline that is surely the same here and there; one with a higher
     *     number is another here, whatever numbers {@code other} has
     */
    public Optional<DivergentWal> divergence(TimelineHistory other, TimelineId told) {
        return controlFile()
                .flatMap(file -> {
                    TimelineHistory own = ownHistory(file, other);
                    return own.forkFrom(other, told)
                            .map(at ->
                                    new DivergentWal(
                                            own,
                                            at,
                                            wal().end(own, at.at(), file),
                                            file.walSegmentSize()));
                });
    }

    /**
     * Of the newest timeline that the log has gone to; a crash may leave the control file behind.
     */
    private TimelineHistory ownHistory(ControlFile file, TimelineHistory other) {
        TimelineId newest =
                wal().segments(file.walSegmentSize()).stream()
                        .map(WalSegment::timeline)
                        .filter(timeline -> history(timeline).isPresent())
                        .max(Comparator.naturalOrder())
                        .filter(timeline -> timeline.compareTo(file.timeline()) > 0)
                        .orElse(file.timeline());
        return history(newest).orElseGet(() -> other.upTo(newest));
    }
}
