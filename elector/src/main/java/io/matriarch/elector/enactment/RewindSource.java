package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;

/** Another member's server, which is to be followed after a repair. */
public interface RewindSource {

    /**
     * Sees to it that the control file of {@code primary} knows its {@code timeline}, which only a
     * checkpoint brings up; a rewind reads it there. Fails if the primary is out of reach, or on
     * another timeline.
     *
     * @return how that timeline came to be
     */
    TimelineHistory bringToDisk(Endpoint primary, TimelineId timeline);

    /** Where the log of {@code primary} ends, on its disk. Fails if it is out of reach. */
    Lsn endOfLog(Endpoint primary);

    /**
     * Whether {@code primary} lets this member replicate, right now: it can be reached, and takes
     * the connection. That says nothing of the WAL that it has.
     */
    boolean letsReplicate(Endpoint primary);
}
