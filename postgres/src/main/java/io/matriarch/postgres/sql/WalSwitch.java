package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;

/**
 * Makes the primary end its current WAL segment, so that the archive gets it now and not when it is
 * full. Calls may be repeated; each costs at most the rest of one segment.
 */
public final class WalSwitch {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ServerAddress primary;

    public WalSwitch(ServerAddress primary) {
        this.primary = primary;
    }

    /** Leaves a commit in the log, then switches. */
    public WalMark switchWal() {
        try (Connection connection = primary.connect("matriarch backup", TIMEOUT);
                Statement statement = connection.createStatement()) {
            Instant before = commit(statement);
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT lsn::text, substr(pg_walfile_name(lsn), 1, 8)"
                                    + " FROM (SELECT pg_switch_wal() AS lsn) AS switched")) {
                row.next();
                return new WalMark(
                        TimelineId.parseHex(row.getString(2)), Lsn.parse(row.getString(1)), before);
            }
        } catch (SQLException e) {
            throw new ServerException(
                    "primary " + primary + " did not switch to a new WAL segment",
                    "check that the primary runs and that the user may call pg_switch_wal",
                    e);
        }
    }

    /**
     * A transaction with an identifier of its own leaves a commit record, even if it changes
     * nothing.
     */
    private static Instant commit(Statement statement) throws SQLException {
        Instant before;
        try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            before = BackupSession.instant(row, 1).orElseThrow();
        }
        try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()")) {
            row.next();
        }
        return before;
    }
}
