package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;

/**
 * A member's final position in an election, written after its WAL receiver has stopped.
 *
 * @param epoch the epoch that is being filled
 * @param timeline the timeline of the last WAL it has
 * @param received the end of that WAL
 * @param priority a higher one wins among equals
 */
public record Ballot(
        MemberName member, Epoch epoch, TimelineId timeline, Lsn received, int priority) {}
