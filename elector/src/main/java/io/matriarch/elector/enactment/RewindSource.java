package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.TimelineId;

/** Another member's server, which is to be rewound to. */
@FunctionalInterface
public interface RewindSource {

    /**
     * Sees to it that the control file of {@code primary} knows its {@code timeline}, which only a
     * checkpoint brings up; a rewind reads it there.
     */
    void bringToDisk(Endpoint primary, TimelineId timeline);
}
