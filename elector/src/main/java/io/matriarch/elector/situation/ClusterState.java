package io.matriarch.elector.situation;

import io.matriarch.postgres.SystemIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The record of authority, kept in ZooKeeper's node {@code state}. Whoever is not named here as the
 * primary, under the present epoch, is none.
 *
 * @param format version of this record's form
 * @param primary the present primary; in phase {@link Phase#VACANT} the last one
 * @param incarnation of {@code primary}
 * @param postgres where the primary's Postgres listens
 * @param synchronous what an election must respect
 * @param systemIdentifier absent only while the first member is being initialised
 * @param paused maintenance: no automatic change of primary
 * @param vacancy what the last primary left behind; present in phase {@link Phase#VACANT} only
 */
public record ClusterState(
        int format,
        Epoch epoch,
        MemberName primary,
        String incarnation,
        Phase phase,
        Lineage lineage,
        Endpoint postgres,
        SynchronousSet synchronous,
        @Nullable SystemIdentifier systemIdentifier,
        boolean paused,
        @Nullable Vacancy vacancy) {

    public static final int FORMAT = 1;

    /** Where a primary's reign stands. */
    public enum Phase {
        /** The first member runs initdb. */
        BOOTSTRAPPING,
        /** A new primary has the authority and is ending its recovery. */
        PROMOTING,
        /** The primary takes writes. */
        READY,
        /** A planned switchover has begun: clients are held. */
        DRAINING,
        /** The last primary is proven dead and has given up its authority. */
        VACANT
    }

    public ClusterState {
        if ((phase == Phase.VACANT) != (vacancy != null)) {
            throw new IllegalArgumentException(
                    "vacancy: " + vacancy + " (expected: only in phase VACANT, not " + phase + ")");
        }
    }
}
