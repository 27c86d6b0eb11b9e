package io.matriarch.elector.situation;

/**
 * The fencing token: raised by one with every change of primary, never lowered. Whoever acts under
 * a lower one is refused, by the lease, the trigger file, the archive and the ambassador alike.
 */
public record Epoch(long value) implements Comparable<Epoch> {

    /** Before the first primary. */
    public static final Epoch NONE = new Epoch(0);

    public Epoch {
        if (value < 0) {
            throw new IllegalArgumentException("epoch: " + value + " (expected: 0 or more)");
        }
    }

    public static Epoch parse(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("epoch: " + text + " (expected: a decimal number)");
        }
        return new Epoch(Long.parseLong(text));
    }

    public Epoch next() {
        return new Epoch(value + 1);
    }

    public boolean isAfter(Epoch other) {
        return value > other.value;
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
