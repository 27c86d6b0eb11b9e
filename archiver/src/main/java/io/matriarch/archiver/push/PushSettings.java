package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.file.Path;

/**
 * What the archiver of one member needs to know.
 *
 * @param writer who pushes, for people: the member's name and incarnation
 * @param dataDirectory of PostgreSQL; only read
 * @param spool where confirmations wait for {@code archive-wal}; belongs to this member alone
 * @param lanes how many files are uploaded at once
 */
public record PushSettings(
        RepositoryLayout layout,
        WalSegmentSize segmentSize,
        String writer,
        Path dataDirectory,
        Path spool,
        int lanes,
        int compressionLevel) {

    public static final int LANES = 4;
    public static final int COMPRESSION_LEVEL = 3;

    public PushSettings {
        if (lanes < 1 || lanes > 64 || compressionLevel < 1 || compressionLevel > 19) {
            throw new IllegalArgumentException(
                    "lanes and compression level: "
                            + lanes
                            + ", "
                            + compressionLevel
                            + " (expected: 1 to 64, 1 to 19)");
        }
        if (!writer.matches("[A-Za-z0-9_./:-]{1,200}")) {
            throw new IllegalArgumentException(
                    "writer: " + writer + " (expected: letters, digits and _./:-)");
        }
    }

    public static PushSettings of(
            RepositoryLayout layout,
            WalSegmentSize segmentSize,
            String writer,
            Path dataDirectory,
            Path spool) {
        return new PushSettings(
                layout, segmentSize, writer, dataDirectory, spool, LANES, COMPRESSION_LEVEL);
    }

    Path walDirectory() {
        return dataDirectory.resolve("pg_wal");
    }
}
