package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;

/**
 * The committed line of the cluster's history: its timeline, and where that left its parent.
 *
 * @param switchedAt zero for the first timeline
 */
public record Lineage(TimelineId timeline, Lsn switchedAt) {

    /**
     * Whether a server whose log ends at {@code end} of the timeline of {@code history} can go on
     * along this lineage without undoing anything. Decided by ancestry, never by positions alone.
     */
    public boolean isReachedBy(TimelineHistory history, Lsn end) {
        int order = history.timeline().compareTo(timeline);
        if (order == 0) {
            // Two timelines may have been given one number; the place of the switch tells them
            // apart.
            return history.switches().isEmpty()
                    || history.switches().getLast().at().equals(switchedAt);
        }
        return order < 0 && !end.isAfter(switchedAt);
    }

    /** Whether a server on the timeline of {@code history} stands on this lineage or beyond it. */
    public boolean isAncestorOf(TimelineHistory history) {
        return history.timeline().equals(timeline) || history.leftAt(timeline).isPresent();
    }
}
