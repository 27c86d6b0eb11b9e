package io.matriarch.elector.cluster;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of primary, as {@code history/} keeps it.
 *
 * @param from the primary before; absent for the first
 * @param switchedAt the end of the log that the new primary continued
 * @param lacking how many bytes the primary before is known to have written beyond that
 * @param vacantMillis from when the new primary saw the place vacant until it took writes
 */
public record Change(
        Epoch epoch,
        @Nullable MemberName from,
        MemberName to,
        TimelineId timeline,
        Lsn switchedAt,
        long lacking,
        String reason,
        long vacantMillis,
        Instant at) {}
