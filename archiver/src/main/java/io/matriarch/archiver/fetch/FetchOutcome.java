package io.matriarch.archiver.fetch;

/** What the archive answered. */
public sealed interface FetchOutcome {

    /** The file is in place, whole and durable. */
    record Fetched(long size) implements FetchOutcome {}

    /** The store has said that there is no such file. */
    record Absent() implements FetchOutcome {}
}
