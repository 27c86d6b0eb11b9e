package io.matriarch.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log, in bytes from its beginning; unsigned 64 bits (PostgreSQL
 * manual, "pg_lsn Type").
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** Before every record: PostgreSQL's own {@code InvalidXLogRecPtr}, which sorts first. */
    public static final Lsn ZERO = new Lsn(0);

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Reads PostgreSQL's notation, such as {@code 16/B374D848}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Lsn parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "lsn: " + text + " (expected: two hexadecimal numbers as in 16/B374D848)");
        }
        long high = Long.parseLong(matcher.group(1), 16);
        long low = Long.parseLong(matcher.group(2), 16);
        return new Lsn(high << 32 | low);
    }

    public Lsn plus(long bytes) {
        return new Lsn(value + bytes);
    }

    /**
     * The number of bytes from {@code earlier} to here.
     *
     * @throws IllegalArgumentException if {@code earlier} is later than this
     */
    public long minus(Lsn earlier) {
        if (earlier.isAfter(this)) {
            throw new IllegalArgumentException(
                    "lsn: " + earlier + " (expected: at most " + this + ")");
        }
        return value - earlier.value;
    }

    /** The number of bytes by which this lies beyond {@code other}; 0 if it does not. */
    public long beyond(Lsn other) {
        return isAfter(other) ? minus(other) : 0;
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    public static Lsn max(Lsn one, Lsn other) {
        return one.isAfter(other) ? one : other;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return "%X/%X".formatted(value >>> 32, value & 0xFFFFFFFFL);
    }
}
