package io.matriarch.postgres;

/**
 * A timeline: unsigned 32 bits, from 1 (PostgreSQL manual, "Timelines"). Names of files carry it as
 * eight hexadecimal digits.
 */
public record TimelineId(long value) implements Comparable<TimelineId> {

    private static final long MAX = 0xFFFFFFFFL;

    public static final TimelineId FIRST = new TimelineId(1);

    public TimelineId {
        if (value < 1 || value > MAX) {
            throw new IllegalArgumentException(
                    "timeline: " + value + " (expected: 1 to " + MAX + ")");
        }
    }

    /** Reads the eight hexadecimal digits of a file name. */
    public static TimelineId parseHex(String text) {
        if (!text.matches("[0-9A-F]{8}")) {
            throw new IllegalArgumentException(
                    "timeline: " + text + " (expected: eight hexadecimal digits, upper case)");
        }
        return new TimelineId(Long.parseLong(text, 16));
    }

    /** Reads the decimal number that people and history files write. */
    public static TimelineId parse(String text) {
        if (!text.matches("[0-9]{1,10}")) {
            throw new IllegalArgumentException(
                    "timeline: " + text + " (expected: a decimal number)");
        }
        return new TimelineId(Long.parseLong(text));
    }

    /** Eight hexadecimal digits, as in names of files. */
    public String hex() {
        return "%08X".formatted(value);
    }

    public TimelineId next() {
        return new TimelineId(value + 1);
    }

    /** The name of this timeline's history file. */
    public String historyFileName() {
        return hex() + ".history";
    }

    @Override
    public int compareTo(TimelineId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
