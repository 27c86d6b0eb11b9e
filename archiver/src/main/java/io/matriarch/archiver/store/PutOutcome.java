package io.matriarch.archiver.store;

/** How a conditional creation ended. */
public sealed interface PutOutcome {

    /** The object is durable, and ours. */
    record Stored() implements PutOutcome {}

    /**
     * The key was taken, by an object of other content or by ourselves earlier: compare before
     * judging.
     */
    record AlreadyThere(StoredObject existing) implements PutOutcome {}
}
