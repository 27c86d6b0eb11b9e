package io.matriarch.cli.restore;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code restore --json}.
 *
 * @param restored absent for a dry run
 * @param server absent unless it was started
 * @param advice what a person should do now
 */
record RestoreResult(
        String targetDir,
        Plan plan,
        @Nullable Restored restored,
        @Nullable Server server,
        List<String> advice) {

    /**
     * How the target is reached.
     *
     * @param firstSegment absent if no WAL is needed
     * @param notes what a person should know before
     */
    record Plan(
            String target,
            String backup,
            Instant backupStopTime,
            long timeline,
            long bytes,
            long storedBytes,
            int segments,
            @Nullable String firstSegment,
            @Nullable String lastSegment,
            List<String> notes) {

        static Plan of(RestorePlan plan) {
            List<WalSegment> wal = plan.wal();
            return new Plan(
                    TargetOptions.words(plan.target()),
                    plan.backup().id().toString(),
                    plan.backup().stopTime(),
                    plan.timeline().value(),
                    plan.backup().totals().bytes(),
                    plan.backup().totals().storedBytes(),
                    wal.size(),
                    wal.isEmpty() ? null : wal.getFirst().name(),
                    wal.isEmpty() ? null : wal.getLast().name(),
                    plan.notes());
        }
    }

    /**
     * What was done.
     *
     * @param keptFiles that were there already, with the right content
     * @param removedFiles that the backup does not have
     * @param fetchedBytes of objects, as they are stored
     */
    record Transfer(long keptFiles, long keptBytes, long removedFiles, long fetchedBytes) {

        static Transfer of(RestoreReport.Transfer it) {
            return new Transfer(
                    it.keptFiles(), it.keptBytes(), it.removedFiles(), it.fetchedBytes());
        }
    }

    /**
     * @param wasComplete whether an earlier run had left nothing to do
     */
    record Restored(
            long files,
            long bytes,
            @JsonUnwrapped Transfer transfer,
            long durationMillis,
            boolean wasComplete) {}

    /**
     * The server on the restored data.
     *
     * @param end {@code promoted}, {@code paused} or {@code shut_down}
     * @param replayed the last position; absent if it is not known
     * @param lastCommit when the last replayed transaction had been committed; absent if there was
     *     none, or it is not known
     * @param raisedSettings that were too low for replay, as they are now
     * @param recoveryMillis absent if it had promoted before
     */
    record Server(
            int port,
            String logFile,
            String end,
            @Nullable String replayed,
            @Nullable Instant lastCommit,
            Map<String, Integer> raisedSettings,
            @Nullable Long recoveryMillis) {}

    static RestoreResult of(RestorePlan plan, Path directory) {
        return new RestoreResult(directory.toString(), Plan.of(plan), null, null, List.of());
    }

    static RestoreResult of(RestoreReport report, Path directory) {
        return new RestoreResult(
                directory.toString(),
                Plan.of(report.plan()),
                new Restored(
                        report.files(),
                        report.bytes(),
                        Transfer.of(report.transfer()),
                        report.duration().toMillis(),
                        report.wasComplete()),
                null,
                List.of());
    }

    /** The same; nothing is advised where nothing was written. */
    RestoreResult withAdvice(List<String> afterwards) {
        return new RestoreResult(
                targetDir, plan, restored, server, restored == null ? List.of() : afterwards);
    }

    RestoreResult withServer(int port, Path logFile, RecoveryOutcome outcome) {
        return new RestoreResult(
                targetDir,
                plan,
                restored,
                new Server(
                        port,
                        logFile.toString(),
                        outcome.end().name().toLowerCase(Locale.ROOT),
                        outcome.replayed().map(Lsn::toString).orElse(null),
                        outcome.lastCommit().orElse(null),
                        outcome.raised(),
                        outcome.duration().map(Duration::toMillis).orElse(null)),
                advice);
    }
}
