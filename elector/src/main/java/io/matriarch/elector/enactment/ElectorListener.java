package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.postgres.datadir.TimelineHistory;

/** Told of what concerns the archiver. Called on the elector's threads: must return at once. */
public interface ElectorListener {

    /** The primary of this process takes writes now; once per reign. */
    void onReady(ClusterState state, TimelineHistory history);

    /**
     * The data directory is another one now, rewound or built anew: what was known of it is void.
     */
    void onDataReplaced();
}
