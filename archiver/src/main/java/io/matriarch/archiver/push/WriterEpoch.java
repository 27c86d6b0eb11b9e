package io.matriarch.archiver.push;

/**
 * The fencing token under which WAL is pushed: it rises with every change of primary. Having one is
 * the permission to push.
 */
public record WriterEpoch(long value) implements Comparable<WriterEpoch> {

    public WriterEpoch {
        if (value < 1) {
            throw new IllegalArgumentException("epoch: " + value + " (expected: 1 or more)");
        }
    }

    public boolean isAfter(WriterEpoch other) {
        return value > other.value;
    }

    @Override
    public int compareTo(WriterEpoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
