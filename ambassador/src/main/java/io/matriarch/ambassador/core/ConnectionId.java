package io.matriarch.ambassador.core;

/** A client connection, numbered in the order of acceptance, which is the order of service too. */
public record ConnectionId(long value) implements Comparable<ConnectionId> {

    @Override
    public int compareTo(ConnectionId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
