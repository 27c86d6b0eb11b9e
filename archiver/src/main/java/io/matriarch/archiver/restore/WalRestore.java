package io.matriarch.archiver.restore;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.wal.SegmentHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fetches WAL beside the restored {@code pg_wal}, each segment verified and then renamed into
 * place.
 */
final class WalRestore {

    private final Download download;
    private final RepositoryLayout layout;
    private final RestoredFiles files;

    WalRestore(Download download, RepositoryLayout layout, RestoredFiles files) {
        this.download = download;
        this.layout = layout;
        this.files = files;
    }

    /** Fetches a segment, unless it is there: what has its name is whole. */
    void segment(WalSegment segment) {
        Path place = files.place(RestoreFolder.path(segment.name()));
        if (Files.exists(place)) {
            return;
        }
        String key = layout.segment(segment);
        byte[] content = download.read(key, stored -> read(key, segment, Download.plain(stored)));
        check(key, segment, content);
        write(segment.name(), content);
    }

    void history(TimelineId timeline) {
        write(timeline.historyFileName(), download.small(layout.history(timeline)));
    }

    private static byte[] read(String key, WalSegment segment, InputStream plain)
            throws IOException {
        int size = (int) segment.size().bytes();
        byte[] content = plain.readNBytes(size);
        if (content.length != size || plain.read() >= 0) {
            throw Download.damaged(key, "not " + size + " bytes, the size of a segment", null);
        }
        return content;
    }

    private void check(String key, WalSegment segment, byte[] content) {
        SystemIdentifier cluster = layout.systemIdentifier();
        Optional<String> problem =
                SegmentHeader.read(ByteBuffer.wrap(content))
                        .map(header -> header.mismatch(segment, cluster))
                        .orElse(Optional.of("not a WAL segment"));
        if (problem.isPresent()) {
            throw Download.damaged(key, problem.get(), null);
        }
    }

    private void write(String name, byte[] content) {
        String path = RestoreFolder.path(name);
        try {
            files.write(path, content, "0600");
        } catch (IOException e) {
            throw RestoredFiles.trouble(files.place(path), e);
        }
    }
}
