package io.matriarch.archiver.recovery;

import io.matriarch.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Where a recovery ended. Of one that had promoted before, and was started again since, only that
 * is known which it has left in its directory.
 *
 * @param end what the server does now
 * @param replayed the last position; empty if the server has shut down
 * @param lastCommit when the last replayed transaction had been committed; empty if there was none,
 *     or it is not known
 * @param raised settings that were too low for replay, as they are now
 * @param duration of what was seen of it; empty if the server had promoted before
 */
public record RecoveryOutcome(
        End end,
        Optional<Lsn> replayed,
        Optional<Instant> lastCommit,
        Map<String, Integer> raised,
        Optional<Duration> duration) {

    public RecoveryOutcome {
        raised = Map.copyOf(raised);
    }

    /** As the restore asked for. */
    public enum End {
        PROMOTED,
        PAUSED,
        SHUT_DOWN
    }
}
