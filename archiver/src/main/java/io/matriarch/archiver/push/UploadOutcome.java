package io.matriarch.archiver.push;

import io.matriarch.archiver.store.StoreException;

/** How the attempt to archive one file ended. */
sealed interface UploadOutcome {

    /** The store holds exactly this content, durably. */
    record Archived(long size) implements UploadOutcome {}

    /** The store holds other content under this name. */
    record Conflicting(String reason) implements UploadOutcome {}

    /** The store holds something under this name that is not what it says of itself. */
    record Damaged(String reason) implements UploadOutcome {}

    /** The file is not what its name says. */
    record Unfit(String reason) implements UploadOutcome {}

    /** The file is not there any more: PostgreSQL has no use for it. */
    record Vanished() implements UploadOutcome {}

    /** The permission was gone when its turn came. */
    record Forbidden() implements UploadOutcome {}

    /** The archive has seen a later epoch: another is primary. */
    record Outdated(WriterEpoch ours, WriterEpoch later) implements UploadOutcome {

        String reason() {
            return "epoch: " + ours + " (expected: " + later + " or later)";
        }
    }

    /** The store did not answer, or refused; nothing is known. */
    record Troubled(StoreException trouble) implements UploadOutcome {}
}
