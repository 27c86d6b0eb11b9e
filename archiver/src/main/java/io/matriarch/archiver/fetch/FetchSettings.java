package io.matriarch.archiver.fetch;

import java.nio.file.Path;

/**
 * How a server in recovery is served.
 *
 * @param spool where {@code fetch-wal} asks; belongs to this member alone
 * @param depth how many segments are fetched ahead at most; with the one being asked for, they
 *     bound the spool's size
 */
public record FetchSettings(Path spool, int depth) {

    public static final int DEPTH = 6;

    public FetchSettings {
        if (depth < 0 || depth > 64) {
            throw new IllegalArgumentException("depth: " + depth + " (expected: 0 to 64)");
        }
    }

    public static FetchSettings of(Path spool) {
        return new FetchSettings(spool, DEPTH);
    }
}
