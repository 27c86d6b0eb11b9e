package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;

/**
 * A standby as its primary sees it in {@code pg_stat_replication}.
 *
 * @param name its {@code application_name}
 * @param isStreaming it has caught up and receives WAL as it is made
 * @param flushed what it has confirmed to be on its disk
 */
public record ReplicationPeer(String name, boolean isStreaming, Lsn flushed) {}
