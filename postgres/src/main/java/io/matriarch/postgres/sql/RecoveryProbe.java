package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/** Asks a server how far its replay has come. */
public final class RecoveryProbe {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final ServerAddress address;

    public RecoveryProbe(ServerAddress address) {
        this.address = address;
    }

    /**
     * One look, over a connection of its own.
     *
     * @throws ServerException if there is no answer; transient while the server has not reached a
     *     consistent state
     */
    public RecoveryProgress progress() {
        try (Connection connection = address.connect("matriarch restore", TIMEOUT);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text,"
                                        + " pg_last_xact_replay_timestamp(),"
                                        + " CASE WHEN pg_is_in_recovery()"
                                        + " THEN pg_get_wal_replay_pause_state() = 'paused'"
                                        + " ELSE false END")) {
            row.next();
            return new RecoveryProgress(
                    row.getBoolean(1),
                    row.getBoolean(4),
                    Optional.ofNullable(row.getString(2)).map(Lsn::parse),
                    BackupSession.instant(row, 3));
        } catch (SQLException e) {
            throw new ServerException(
                    "server " + address + " does not tell how far it has replayed",
                    "it may still be starting; else look into its log",
                    e);
        }
    }
}
