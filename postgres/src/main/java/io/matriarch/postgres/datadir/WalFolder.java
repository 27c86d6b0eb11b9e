package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.wal.LogEnd;
import io.matriarch.postgres.wal.SegmentHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** {@code pg_wal}, read while no server runs on it. */
public record WalFolder(Path path) {

    private static final String READY = ".ready";

    /** The names of its files, without those in folders below it. */
    public List<String> names() {
        return list(path).stream()
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .map(file -> file.getFileName().toString())
                .toList();
    }

    /** The names of its files that wait to be archived. */
    public List<String> unarchived() {
        return list(path.resolve("archive_status")).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(READY))
                .map(name -> name.substring(0, name.length() - READY.length()))
                .filter(name -> Files.isRegularFile(path.resolve(name)))
                .toList();
    }

    private static List<Path> list(Path folder) {
        try {
            return FolderEntries.of(folder).stream().sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<WalSegment> segments(WalSegmentSize size) {
        return names().stream()
                .map(name -> WalSegment.tryParse(name, size))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Whether the log at {@code lsn} is here, on whatever timeline. */
    boolean has(Lsn lsn, WalSegmentSize size) {
        long number = WalSegment.containing(TimelineId.FIRST, lsn, size).number();
        return segments(size).stream().anyMatch(segment -> segment.number() == number);
    }

    /**
     * Where the log of {@code history} ends, if it does so behind {@code from}; otherwise {@code
     * from}. Both must be between two records.
     */
    Lsn end(TimelineHistory history, Lsn from, ControlFile file) {
        TimelineId timeline = history.timeline();
        Lsn first =
                history.switches().isEmpty()
                        ? from
                        : Lsn.max(from, history.switches().getLast().at());
        WalSegment last = null;
        for (WalSegment segment : segments(file.walSegmentSize())) {
            boolean isBehind = segment.timeline().equals(timeline) && segment.end().isAfter(first);
            if (!isBehind) {
                continue;
            }
            if ((last != null && !segment.equals(last.next())) || !isWritten(segment, file)) {
                break;
            }
            last = segment;
        }
        return last == null ? first : end(last, first);
    }

    /** Whether it is not one that was made, or was left from before, for later use. */
    private boolean isWritten(WalSegment segment, ControlFile file) {
        ByteBuffer head = ByteBuffer.allocate(SegmentHeader.BYTES);
        try (FileChannel channel = open(segment)) {
            while (head.hasRemaining() && channel.read(head) >= 0) {
                // Until it is full, or the file is over.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return SegmentHeader.read(head.flip())
                .map(header -> header.mismatch(segment, file.systemIdentifier()).isEmpty())
                .orElse(false);
    }

    private Lsn end(WalSegment segment, Lsn from) {
        try (FileChannel channel = open(segment)) {
            ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            return LogEnd.in(content, segment.start(), from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileChannel open(WalSegment segment) throws IOException {
        return FileChannel.open(path.resolve(segment.name()), StandardOpenOption.READ);
    }
}
