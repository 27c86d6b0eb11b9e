package io.matriarch.archiver.push;

import java.time.Instant;
import java.util.Optional;

/**
 * How archiving goes, at one moment.
 *
 * @param last what was archived last by this process
 * @param waiting how many files PostgreSQL wants archived that the store has not confirmed
 * @param oldestWaiting since when the first of them waits
 * @param problem why nothing goes on; empty while all is well
 */
public record ArchiveStatus(
        Mood mood,
        Optional<Archived> last,
        int waiting,
        Optional<Instant> oldestWaiting,
        Optional<Problem> problem) {

    /** What archiving is doing. */
    public enum Mood {
        /** The elector has given no permission: WAL waits, as it should on a standby. */
        NOT_PERMITTED,
        /** All that waits is being pushed. */
        ARCHIVING,
        /** The store does not answer or refuses; this is tried again. */
        STORE_TROUBLE,
        /** The archive has seen a later epoch: another is primary. */
        OUTDATED_EPOCH,
        /** The store holds other content under the same name; a person must look. */
        CONFLICT,
        /** A file is not what its name says; a person must look. */
        DAMAGED_FILE
    }

    /** A file confirmed by the store. */
    public record Archived(String name, Instant at) {}

    /**
     * What stands in the way.
     *
     * @param name of the file concerned; empty if all are
     */
    public record Problem(Optional<String> name, String message, String hint, Instant since) {}

    /** The same, with what stands in the way outside of the archiver, unless it knows better. */
    public ArchiveStatus orProblem(Optional<Problem> outside) {
        return new ArchiveStatus(mood, last, waiting, oldestWaiting, problem.or(() -> outside));
    }

    /** Before anything is known. */
    public static final ArchiveStatus BEGINNING =
            new ArchiveStatus(
                    Mood.NOT_PERMITTED, Optional.empty(), 0, Optional.empty(), Optional.empty());
}
