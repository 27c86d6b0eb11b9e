package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import java.util.Objects;

/**
 * What a primary writes to ZooKeeper's node {@code renewal} as it takes its authority, and each
 * time that it renews it. It stays when the primary is gone, and says then how much of its log
 * there was at least.
 *
 * @param written the end of its log as last seen; at first that from which it was promoted
 */
public record Renewal(MemberName primary, Epoch epoch, Lsn written) {

    public Renewal {
        Objects.requireNonNull(primary, "primary");
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(written, "written");
    }
}
