package io.matriarch.elector.enactment;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ServerStatus;

/** The own Postgres, asked by SQL and corrected by what its data directory shows. */
final class OwnServer implements AutoCloseable {

    private final PostgresServer server;
    private final DataDirectory data;

    OwnServer(PostgresServer server, DataDirectory data) {
        this.server = server;
        this.data = data;
    }

    PostgresServer sql() {
        return server;
    }

    ServerStatus status() {
        ServerStatus reported = server.status();
        return reported.isInRecovery() ? reported.onTimeline(timeline(reported)) : reported;
    }

    /** Without a receiver a standby's own word may be a timeline behind. */
    private TimelineId timeline(ServerStatus reported) {
        Lsn end = Lsn.max(reported.written(), reported.replayed());
        if (reported.receiver().isPresent() || end.equals(Lsn.ZERO)) {
            return reported.timeline();
        }
        WalSegmentSize size =
                data.controlFile().map(ControlFile::walSegmentSize).orElse(WalSegmentSize.DEFAULT);
        return data.timelineBefore(end, size)
                .filter(found -> found.compareTo(reported.timeline()) > 0)
                .orElse(reported.timeline());
    }

    void reload() {
        server.reload();
    }

    @Override
    public void close() {
        server.close();
    }
}
