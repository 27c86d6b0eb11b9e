package io.matriarch.postgres;

/**
 * The identifier that {@code initdb} gives a cluster for life; unsigned 64 bits, written in
 * decimal.
 */
public record SystemIdentifier(long value) {

    public static SystemIdentifier parse(String text) {
        try {
            return new SystemIdentifier(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "system identifier: " + text + " (expected: a decimal number of 64 bits)", e);
        }
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(value);
    }
}
