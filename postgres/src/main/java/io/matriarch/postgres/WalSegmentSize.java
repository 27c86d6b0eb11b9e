package io.matriarch.postgres;

/** The size of a WAL segment file: a power of two from 1 MB to 1 GB, fixed by {@code initdb}. */
public record WalSegmentSize(long bytes) {

    private static final long MIN = 1L << 20;
    private static final long MAX = 1L << 30;

    public static final WalSegmentSize DEFAULT = new WalSegmentSize(16L << 20);

    public WalSegmentSize {
        if (bytes < MIN || bytes > MAX || Long.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                    "WAL segment size: " + bytes + " (expected: a power of two from 1 MB to 1 GB)");
        }
    }

    /** How many segments share the upper half of a position. */
    long segmentsPerLogId() {
        return (1L << 32) / bytes;
    }
}
