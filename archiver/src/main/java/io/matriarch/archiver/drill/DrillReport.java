package io.matriarch.archiver.drill;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a drill has shown: the content of an object in {@code drills/}.
 *
 * @param format of this object
 * @param host where it was done
 * @param source what was restored; empty if no plan was made
 * @param reached where replay ended; empty if it did not
 * @param phases those that were begun, in their order
 * @param failure why nothing is proven; empty if it is
 */
public record DrillReport(
        int format,
        String host,
        Instant begun,
        Instant ended,
        Aim aim,
        Optional<Source> source,
        Optional<Reached> reached,
        List<Timing> phases,
        Measures measures,
        List<Check> checks,
        Optional<Failure> failure) {

    public static final int FORMAT = 1;

    /** What a drill consists of. */
    public enum Phase {
        PLAN,
        RESTORE,
        REPLAY,
        CHECK,
        QUERY
    }

    /**
     * What was asked for.
     *
     * @param seed of a moment that was drawn
     * @param target as the plan has it; empty if no plan was made
     */
    public record Aim(String moment, Optional<Long> seed, Optional<String> target) {}

    /**
     * What was restored.
     *
     * @param member who had taken the backup
     * @param timeline that was followed
     * @param bytes of its files
     * @param storedBytes of its objects
     */
    public record Source(
            BackupId backup,
            Instant stopTime,
            String member,
            TimelineId timeline,
            long files,
            long bytes,
            long storedBytes) {}

    /**
     * Where replay ended.
     *
     * @param lastCommit when the last transaction in it had been committed; empty if none was
     *     replayed
     * @param segments of WAL that were replayed
     */
    public record Reached(Lsn lsn, Optional<Instant> lastCommit, int segments) {}

    /** How long a phase took. */
    public record Timing(Phase phase, Duration took) {}

    /**
     * What an operator wants to know.
     *
     * @param rto from the beginning until the server took queries at the target
     * @param rpo how far the newest moment that could be restored was behind the beginning
     */
    public record Measures(Optional<Duration> rto, Optional<Duration> rpo) {

        static final Measures NONE = new Measures(Optional.empty(), Optional.empty());
    }

    /** How a check ended. */
    public enum Outcome {
        PASSED,
        FAILED,
        /** It could not be made, which proves nothing. */
        SKIPPED
    }

    /**
     * A check of the restored server.
     *
     * @param name of the program, or {@code query}
     * @param detail one sentence
     */
    public record Check(String name, Outcome outcome, String detail) {}

    /**
     * Why nothing is proven.
     *
     * @param isOfTheArchive whether what was archived is to blame, as far as can be told; else this
     *     host is, or the way to the store
     * @param reason one sentence
     * @param hint what a person can do
     */
    public record Failure(Phase phase, boolean isOfTheArchive, String reason, String hint) {}

    public DrillReport {
        phases = List.copyOf(phases);
        checks = List.copyOf(checks);
    }

    public boolean isWell() {
        return failure.isEmpty();
    }

    /** The checks that could not be made. */
    public List<Check> skipped() {
        return checks.stream().filter(it -> it.outcome() == Outcome.SKIPPED).toList();
    }
}
