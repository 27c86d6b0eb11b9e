package io.matriarch.archiver.fetch;

import io.matriarch.postgres.WalSegmentSize;
import java.nio.file.Path;

/**
 * How a server in recovery is served.
 *
 * @param spool where {@code fetch-wal} asks; belongs to this member alone
 * @param depth how many segments are fetched ahead at most; fewer of large ones
 */
public record FetchSettings(Path spool, int depth) {

    public static final int DEPTH = 6;
    private static final long MOST_BYTES_AHEAD = 128L << 20;

    public FetchSettings {
        if (depth < 0 || depth > 64) {
            throw new IllegalArgumentException("depth: " + depth + " (expected: 0 to 64)");
        }
    }

    public static FetchSettings of(Path spool) {
        return new FetchSettings(spool, DEPTH);
    }

    /** How many segments of a size are fetched ahead: the spool must not outgrow the volume. */
    int depth(WalSegmentSize size) {
        return (int) Math.min(depth, Math.max(1, MOST_BYTES_AHEAD / size.bytes()));
    }
}
