package io.matriarch.archiver.store.s3;

import java.time.Duration;

/**
 * How long a request may take: what any request may, and more with what it carries. A large part
 * over a slow line is no fault; one that trickles is.
 */
record S3Deadline(Duration ofSmall) {

    /** Slower than this is as good as not at all: a backlog of WAL would never be worked off. */
    private static final long SLOWEST_BYTES_PER_SECOND = 512 << 10;

    Duration carrying(long bytes) {
        return ofSmall.plusSeconds(bytes / SLOWEST_BYTES_PER_SECOND);
    }
}
