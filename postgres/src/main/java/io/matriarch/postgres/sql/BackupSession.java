package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.datadir.BackupLabel;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One non-exclusive base backup's conversation with the server. Beginning and end must go through
 * the same connection, which is held open between them; closing it without {@link #end} abandons
 * the backup, and the server forgets about it. Not safe for use by several threads.
 */
public final class BackupSession implements AutoCloseable {

    private static final Duration BEGIN_TIMEOUT = Duration.ofMinutes(30);
    private static final Duration END_TIMEOUT = Duration.ofMinutes(2);

    private final ServerAddress address;
    private final Connection connection;
    private final ServerIdentity identity;

    private BackupSession(ServerAddress address, Connection connection) throws SQLException {
        this.address = address;
        this.connection = connection;
        this.identity = readIdentity(connection);
    }

    /** Connects to the server whose data directory will be copied. */
    public static BackupSession open(ServerAddress address) {
        try {
            return open(address, address.connect("matriarch backup", BEGIN_TIMEOUT));
        } catch (SQLException e) {
            throw new ServerException(
                    "server " + address + " cannot be asked for a backup",
                    "check that the server runs and that the user may connect",
                    e);
        }
    }

    private static BackupSession open(ServerAddress address, Connection connection)
            throws SQLException {
        try {
            return new BackupSession(address, connection);
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw e;
        }
    }

    public ServerIdentity identity() {
        return identity;
    }

    /** The server's clock. */
    public Instant time() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            return instant(row, 1).orElseThrow();
        } catch (SQLException e) {
            throw failure("does not tell the time", e);
        }
    }

    /** Names of the tablespaces outside the data directory, by their object identifiers. */
    public SortedMap<Long, String> tablespaceNames() {
        SortedMap<Long, String> names = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT oid::bigint, spcname FROM pg_tablespace")) {
            while (rows.next()) {
                names.put(rows.getLong(1), rows.getString(2));
            }
        } catch (SQLException e) {
            throw failure("does not list its tablespaces", e);
        }
        return names;
    }

    /**
     * Takes an immediate checkpoint (on a standby: uses the last restart point) and begins the
     * backup.
     *
     * @return where replay of the backup begins
     */
    public Lsn begin(String label) {
        String call =
                identity.version().hasBackupStartAndStop()
                        ? "SELECT pg_backup_start(?, true)"
                        : "SELECT pg_start_backup(?, true, false)";
        try (PreparedStatement statement = connection.prepareStatement(call)) {
            statement.setQueryTimeout((int) BEGIN_TIMEOUT.toSeconds());
            statement.setString(1, label);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1));
            }
        } catch (SQLException e) {
            throw failure("did not begin a backup", e);
        }
    }

    /**
     * Ends the backup. Does not wait for the archive: the caller knows better what has arrived
     * there.
     */
    public BackupEnd end() {
        String call =
                identity.version().hasBackupStartAndStop()
                        ? "pg_backup_stop(false)"
                        : "pg_stop_backup(false, false)";
        // A standby's clock may be behind the primary's, whose clock stamps the commits.
        String query =
                "SELECT lsn, labelfile, spcmapfile,"
                        + " greatest(clock_timestamp(), pg_last_xact_replay_timestamp()) FROM "
                        + call;
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout((int) END_TIMEOUT.toSeconds());
            try (ResultSet row = statement.executeQuery(query)) {
                row.next();
                String map = row.getString(3);
                return new BackupEnd(
                        Lsn.parse(row.getString(1)),
                        BackupLabel.parse(row.getString(2)),
                        map == null ? "" : map,
                        instant(row, 4).orElseThrow());
            }
        } catch (SQLException e) {
            throw failure("did not end the backup", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure("did not close the connection", e);
        }
    }

    static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
                .map(OffsetDateTime::toInstant);
    }

    private static ServerIdentity readIdentity(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The connection idles while files are copied; no server setting may end it.
            statement.execute("SET idle_session_timeout = 0");
            statement.execute("SET statement_timeout = 0");
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT system_identifier::text,"
                                    + " current_setting('server_version_num')::int,"
                                    + " pg_is_in_recovery(),"
                                    + " current_setting('block_size') = '8192'"
                                    + " AND pg_size_bytes(current_setting('segment_size')) = 1073741824"
                                    + " FROM pg_control_system()")) {
                row.next();
                return new ServerIdentity(
                        // Signed in SQL, unsigned in the control file.
                        new SystemIdentifier(Long.parseLong(row.getString(1))),
                        new PostgresVersion(row.getInt(2)),
                        row.getBoolean(3),
                        row.getBoolean(4));
            }
        }
    }

    private static void closeAfter(Connection connection, SQLException trouble) {
        try {
            connection.close();
        } catch (SQLException e) {
            trouble.addSuppressed(e);
        }
    }

    private ServerException failure(String what, SQLException cause) {
        return new ServerException(
                "server " + address + " " + what,
                "look into the server's log; the user must be allowed to take backups",
                cause);
    }
}
