package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import org.jspecify.annotations.Nullable;

/**
 * What a primary writes to ZooKeeper's node {@code renewal} each time that it renews its authority.
 * It stays when the primary is gone, and says then how much of its log there was at least.
 *
 * @param timeline of {@code written}; absent while its Postgres takes no writes yet
 * @param written the end of its log as last seen
 */
public record Renewal(MemberName primary, Epoch epoch, @Nullable TimelineId timeline, Lsn written) {

    /** Of a primary that has written nothing yet. */
    public static Renewal before(MemberName primary, Epoch epoch) {
        return new Renewal(primary, epoch, null, Lsn.ZERO);
    }
}
