package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.postgres.datadir.TimelineHistory;

/** Told of a new primary's first moment, for what belongs to others: back-filling the archive. */
@FunctionalInterface
public interface ReignListener {

    /** The primary of this process takes writes now. Called once per reign; must return at once. */
    void onReady(ClusterState state, TimelineHistory history);
}
