package io.matriarch.elector.situation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A base backup that is being taken, as its member tells it in its ephemeral node {@code
 * backups/<member>}.
 *
 * @param request that it serves
 * @param backup its name in the repository; empty until it has one
 * @param phase what it is at, in lower case
 * @param bytesPerSecond of late; 0 if unknown
 * @param since when it began, by the member's clock
 */
public record RunningBackup(
        MemberName member,
        String request,
        String backup,
        String phase,
        long doneBytes,
        long totalBytes,
        long bytesPerSecond,
        Instant since) {

    /** How long the copying will take yet; empty if unknown. */
    public Optional<Duration> remaining() {
        return bytesPerSecond <= 0 || totalBytes <= 0
                ? Optional.empty()
                : Optional.of(
                        Duration.ofMillis(
                                Math.max(0, totalBytes - doneBytes) * 1000 / bytesPerSecond));
    }
}
