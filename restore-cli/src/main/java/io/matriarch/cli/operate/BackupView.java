package io.matriarch.cli.operate;

import io.matriarch.elector.situation.RunningBackup;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A base backup that is being taken, as JSON.
 *
 * @param id its name in the repository; absent while it has none
 * @param remainingMillis how long the copying will take yet; absent if unknown
 */
public record BackupView(
        String member,
        @Nullable String id,
        String phase,
        long doneBytes,
        long totalBytes,
        long bytesPerSecond,
        @Nullable Long remainingMillis,
        Instant since) {

    public static BackupView of(RunningBackup running) {
        return new BackupView(
                running.member().value(),
                running.backup().isEmpty() ? null : running.backup(),
                running.phase(),
                running.doneBytes(),
                running.totalBytes(),
                running.bytesPerSecond(),
                running.remaining().map(Duration::toMillis).orElse(null),
                running.since());
    }
}
