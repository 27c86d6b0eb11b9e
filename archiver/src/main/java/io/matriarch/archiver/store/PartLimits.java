package io.matriarch.archiver.store;

/**
 * In what parts a large object is sent.
 *
 * <p>Parts grow with their number: each fourteenth of the allowed number doubles them. So an upload
 * whose length nobody knows begins with little memory, and still never meets the limit below the
 * largest object: with ten thousand parts more than 5 TiB, S3's own limit; with a thousand more
 * than 500 GiB.
 *
 * @param first size of the first ones in bytes
 * @param most how many the store allows: 10,000 with Amazon, 1,000 with some others
 */
public record PartLimits(int first, int most) {

    private static final int SMALLEST = 5 << 20;
    private static final int LARGEST = 1 << 30;
    private static final int FEWEST = 100;
    private static final int MOST = 10_000;
    private static final int DOUBLINGS = 14;

    /** Eight parts in ten are planned for an object of known length: lengths are estimates. */
    private static final long PLANNED_TENTHS = 8;

    public static final PartLimits DEFAULT = new PartLimits(8 << 20, MOST);

    public PartLimits {
        if (first < SMALLEST || first > LARGEST) {
            throw new IllegalArgumentException(
                    "part-size: " + first + " bytes (expected: 5MiB to 1GiB)");
        }
        if (most < FEWEST || most > MOST) {
            throw new IllegalArgumentException(
                    "max-parts: " + most + " (expected: " + FEWEST + " to " + MOST + ")");
        }
    }

    /**
     * The size of a part.
     *
     * @param number how many were sent before it
     * @param length of the whole as far as it is known, else -1
     */
    public int size(int number, long length) {
        int ofOneSize = most / DOUBLINGS;
        long grown = (long) first << Math.min(number / ofOneSize, DOUBLINGS);
        long planned = length * 10 / (PLANNED_TENTHS * most) + 1;
        return (int) Math.min(Math.max(grown, planned), LARGEST);
    }
}
