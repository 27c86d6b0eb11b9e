package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.List;
import java.util.Optional;

/**
 * A server's own account of itself at one moment.
 *
 * @param timeline a primary's own; a standby's as its receiver or control file knows it
 * @param written a primary's end of WAL; a standby's end of received or replayed WAL, the later one
 * @param replayed a standby's end of replayed WAL; a primary's end of WAL
 * @param lagMillis age of the newest replayed commit; 0 when all received WAL is replayed, -1 if
 *     unknown
 * @param receiver a standby's WAL receiver, if one runs
 * @param primaryConnInfo the setting in force; empty if it streams from nobody
 * @param usesArchive whether it fetches WAL from the archive: {@code restore_command} is set
 * @param synchronousStandbyNames the setting in force
 * @param peers standbys connected to this server
 */
public record ServerStatus(
        SystemIdentifier systemIdentifier,
        PostgresVersion version,
        boolean isInRecovery,
        TimelineId timeline,
        Lsn written,
        Lsn replayed,
        long lagMillis,
        Optional<Receiver> receiver,
        String primaryConnInfo,
        boolean usesArchive,
        String synchronousStandbyNames,
        List<ReplicationPeer> peers) {

    /** What {@code pg_stat_wal_receiver} shows. */
    public record Receiver(
            boolean isStreaming, TimelineId timeline, String senderHost, int senderPort) {}

    public ServerStatus {
        peers = List.copyOf(peers);
    }

    /** The same account, corrected by what the data directory shows. */
    public ServerStatus onTimeline(TimelineId other) {
        return new ServerStatus(
                systemIdentifier,
                version,
                isInRecovery,
                other,
                written,
                replayed,
                lagMillis,
                receiver,
                primaryConnInfo,
                usesArchive,
                synchronousStandbyNames,
                peers);
    }

    public boolean isStreaming() {
        return receiver.map(Receiver::isStreaming).orElse(false);
    }
}
