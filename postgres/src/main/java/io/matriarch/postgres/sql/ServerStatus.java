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
 * @param isEndKnown whether nothing that a standby has on disk lies beyond {@code written}: it has
 *     begun to receive, or waits for WAL. One that still replays its own log knows only how far it
 *     is
 * @param replayed a standby's end of replayed WAL; a primary's end of WAL
 * @param lagMillis age of the newest replayed commit; 0 when all received WAL is replayed, -1 if
 *     unknown
 * @param receiver a standby's WAL receiver, if one runs
 * @param source where a standby takes WAL from
 * @param synchronousStandbyNames the setting in force
 * @param peers standbys connected to this server
 */
public record ServerStatus(
        SystemIdentifier systemIdentifier,
        PostgresVersion version,
        boolean isInRecovery,
        TimelineId timeline,
        Lsn written,
        boolean isEndKnown,
        Lsn replayed,
        long lagMillis,
        Optional<Receiver> receiver,
        Source source,
        String synchronousStandbyNames,
        List<ReplicationPeer> peers) {

    /** What {@code pg_stat_wal_receiver} shows. */
    public record Receiver(
            boolean isStreaming, TimelineId timeline, String senderHost, int senderPort) {}

    /**
     * Settings in force.
     *
     * @param primaryConnInfo empty if it streams from nobody
     * @param usesArchive whether it fetches WAL from the archive: {@code restore_command} is set
     */
    public record Source(String primaryConnInfo, boolean usesArchive) {
        public static final Source NONE = new Source("", false);
    }

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
                isEndKnown,
                replayed,
                lagMillis,
                receiver,
                source,
                synchronousStandbyNames,
                peers);
    }

    public String primaryConnInfo() {
        return source.primaryConnInfo();
    }

    public boolean usesArchive() {
        return source.usesArchive();
    }

    public boolean isStreaming() {
        return receiver.map(Receiver::isStreaming).orElse(false);
    }
}
