package io.matriarch.postgres;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One file of the write-ahead log: a timeline and a number, counted in segments from the beginning
 * of the log. The name has 24 hexadecimal digits (PostgreSQL manual, "WAL Internals").
 */
public record WalSegment(TimelineId timeline, long number, WalSegmentSize size)
        implements Comparable<WalSegment> {

    private static final Pattern NAME = Pattern.compile("[0-9A-F]{24}");

    private static final Comparator<WalSegment> ORDER =
            Comparator.comparing(WalSegment::timeline).thenComparingLong(WalSegment::number);

    public WalSegment {
        if (number < 0 || number > Long.divideUnsigned(-1L, size.bytes())) {
            throw new IllegalArgumentException(
                    "segment number: "
                            + number
                            + " (expected: within the log of 64-bit positions)");
        }
    }

    /** Whether a file of this name is a whole segment, going by the name alone. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    public static WalSegment parse(String name, WalSegmentSize size) {
        return tryParse(name, size)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "segment: "
                                        + name
                                        + " (expected: 24 hexadecimal digits, for segments of "
                                        + size.bytes()
                                        + " bytes)"));
    }

    /** The segment of this name; empty if the name is not one for this segment size. */
    public static Optional<WalSegment> tryParse(String name, WalSegmentSize size) {
        if (!isName(name)) {
            return Optional.empty();
        }
        long timeline = Long.parseLong(name.substring(0, 8), 16);
        long logId = Long.parseLong(name.substring(8, 16), 16);
        long inLog = Long.parseLong(name.substring(16), 16);
        if (timeline == 0 || inLog >= size.segmentsPerLogId()) {
            return Optional.empty();
        }
        return Optional.of(
                new WalSegment(
                        new TimelineId(timeline), logId * size.segmentsPerLogId() + inLog, size));
    }

    /** The segment that holds the byte at {@code lsn}. */
    public static WalSegment containing(TimelineId timeline, Lsn lsn, WalSegmentSize size) {
        return new WalSegment(timeline, Long.divideUnsigned(lsn.value(), size.bytes()), size);
    }

    /**
     * The segment that holds the byte before {@code end}: the last one needed to read up to an end
     * position, which may be the first byte of a segment not written yet.
     */
    public static WalSegment endingAt(TimelineId timeline, Lsn end, WalSegmentSize size) {
        return containing(timeline, new Lsn(end.value() - 1), size);
    }

    public String name() {
        long perLog = size.segmentsPerLogId();
        return "%s%08X%08X".formatted(timeline.hex(), number / perLog, number % perLog);
    }

    public Lsn start() {
        return new Lsn(number * size.bytes());
    }

    /** The first position after this segment. */
    public Lsn end() {
        return new Lsn((number + 1) * size.bytes());
    }

    public WalSegment next() {
        return new WalSegment(timeline, number + 1, size);
    }

    /** The same stretch of the log on another timeline. */
    public WalSegment on(TimelineId other) {
        return new WalSegment(other, number, size);
    }

    @Override
    public int compareTo(WalSegment other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return name();
    }
}
