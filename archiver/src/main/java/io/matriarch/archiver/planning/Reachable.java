package io.matriarch.archiver.planning;

import io.matriarch.postgres.Lsn;
import java.time.Instant;

/**
 * A stretch of a lineage that can be restored, from the end of a backup on.
 *
 * @param to about: when the last segment was stored. The last commit in it is earlier
 */
public record Reachable(Instant from, Instant to, Lsn fromLsn, Lsn toLsn) {

    @Override
    public String toString() {
        return from + " (" + fromLsn + ") to about " + to + " (" + toLsn + ")";
    }
}
