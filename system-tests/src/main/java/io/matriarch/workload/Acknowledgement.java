package io.matriarch.workload;

/**
 * A commit that a server confirmed to a client. Times are readings of the monotonic clock.
 *
 * @param id of the row
 * @param writer who confirmed it
 * @param sentNanos when the client asked for the commit
 * @param nanos when it had the answer
 */
public record Acknowledgement(long id, Writer writer, long sentNanos, long nanos) {

    /**
     * A server while it is primary.
     *
     * @param port by which servers of one machine are told apart
     * @param timeline of the WAL that it writes: each promotion begins a new one
     */
    public record Writer(int port, long timeline) {}
}
