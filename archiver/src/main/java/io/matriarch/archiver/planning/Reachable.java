package io.matriarch.archiver.planning;

import io.matriarch.postgres.Lsn;
import java.time.Instant;

/**
 * A stretch of a lineage that can be restored, from the end of a backup on.
 *
 * @param to about: when the last segment was stored. The last commit in it is earlier
 */
public record Reachable(Instant from, Instant to, Lsn fromLsn, Lsn toLsn) {

    public Reachable {
        to = notBefore(from, to);
    }

    /**
     * The end of a span, or its beginning if that is later: they come of two clocks, a server's and
     * the store's, which may tell whole seconds only; and segments may arrive out of their order.
     */
    static Instant notBefore(Instant from, Instant to) {
        return to.isBefore(from) ? from : to;
    }

    @Override
    public String toString() {
        return from + " (" + fromLsn + ") to about " + to + " (" + toLsn + ")";
    }
}
