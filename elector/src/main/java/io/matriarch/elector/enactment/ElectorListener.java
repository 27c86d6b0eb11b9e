package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.ArchivingReport;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.Optional;

/**
 * The archiver, as the elector knows it: told of what concerns it, and asked how it stands. Called
 * on the elector's threads: must return at once.
 */
public interface ElectorListener {

    /** What the other members are told of WAL that waits; empty if nothing is known yet. */
    Optional<ArchivingReport> archiving();

    /** The primary of this process takes writes now; once per reign. */
    void onReady(ClusterState state, TimelineHistory history);

    /**
     * The data directory is another one now, rewound or built anew: what was known of it is void.
     */
    void onDataReplaced();
}
