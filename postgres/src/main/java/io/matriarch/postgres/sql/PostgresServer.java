package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One Postgres. Connects when first asked, keeps the connection, and makes a new one after trouble.
 * Not for several threads.
 */
public final class PostgresServer implements AutoCloseable {

    private static final String STATUS =
            """
            SELECT s.system_identifier,
                   current_setting('server_version_num')::int AS version,
                   r.in_recovery,
                   CASE WHEN r.in_recovery
                        THEN greatest(w.received_tli, k.min_recovery_end_timeline, c.timeline_id)
                        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
                   END::bigint & 4294967295 AS timeline,
                   CASE WHEN r.in_recovery
                        THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                        ELSE pg_current_wal_flush_lsn() END AS written,
                   NOT r.in_recovery OR pg_last_wal_receive_lsn() IS NOT NULL
                        OR EXISTS (SELECT FROM pg_stat_activity
                                    WHERE backend_type = 'startup'
                                      AND wait_event IN ('RecoveryWalStream',
                                                         'RecoveryRetrieveRetryInterval'))
                        AS is_end_known,
                   CASE WHEN r.in_recovery
                        THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
                        ELSE pg_current_wal_flush_lsn() END AS replayed,
                   CASE WHEN NOT r.in_recovery
                          OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                        ELSE coalesce((extract(epoch FROM
                             clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint, -1)
                   END AS lag,
                   w.pid IS NOT NULL AS has_receiver,
                   coalesce(w.status, '') = 'streaming' AS receiver_streams,
                   coalesce(w.received_tli, 1) AS receiver_timeline,
                   coalesce(w.sender_host, '') AS sender_host,
                   coalesce(w.sender_port, 0) AS sender_port,
                   current_setting('primary_conninfo') AS primary_conninfo,
                   current_setting('restore_command') <> '' AS uses_archive,
                   current_setting('synchronous_standby_names') AS synchronous
              FROM pg_control_system() s, pg_control_checkpoint() c, pg_control_recovery() k,
                   (SELECT pg_is_in_recovery() AS in_recovery) r
                   LEFT JOIN pg_stat_wal_receiver w ON true
            """;

    private static final String PEERS =
            """
            SELECT application_name, state = 'streaming' AS streams, coalesce(flush_lsn, '0/0') AS flushed
              FROM pg_stat_replication
            """;

    private static final String SESSIONS =
            """
            SELECT pid, host(client_addr) AS host, client_port,
                   backend_type = 'walsender' AS is_wal_sender,
                   coalesce(state = 'idle', false) AS is_idle,
                   coalesce(wait_event_type = 'Client' AND wait_event = 'ClientRead', false) AS awaits,
                   coalesce(state_change::text, '') AS changed
              FROM pg_stat_activity
             WHERE client_addr IS NOT NULL AND client_port > 0
            """;

    /**
     * From the kernel's list of sockets, as the server's own host or container sees it. The kernel
     * takes milliseconds for each of the two lists, however short they are.
     */
    private static final String UNREAD =
            """
            SELECT split_part(split_part(line, ' ', 3), ':', 2) AS port
              FROM (SELECT ltrim(line) AS line
                      FROM string_to_table(pg_read_file(?), E'\\n') AS line) AS lines
             WHERE split_part(split_part(line, ' ', 5), ':', 2) SIMILAR TO '[0-9A-F]{8}'
               AND split_part(split_part(line, ' ', 5), ':', 2) <> '00000000'
            """;

    private static final int HEXADECIMAL = 16;

    private final ServerAddress address;
    private final Duration patience;
    private @Nullable Connection connection;

    /**
     * @param patience how long to wait for a connection, and for each answer
     */
    public PostgresServer(ServerAddress address, Duration patience) {
        this.address = address;
        this.patience = patience;
    }

    public ServerAddress address() {
        return address;
    }

    /** Whether the next call finds a connection, which may have broken unnoticed. */
    public boolean isConnected() {
        return connection != null;
    }

    public ServerStatus status() {
        return ask(
                "status",
                open -> {
                    try (Statement statement = open.createStatement()) {
                        List<ReplicationPeer> peers = peers(statement);
                        try (ResultSet row = statement.executeQuery(STATUS)) {
                            row.next();
                            return status(row, peers);
                        }
                    }
                });
    }

    private static List<ReplicationPeer> peers(Statement statement) throws SQLException {
        List<ReplicationPeer> peers = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(PEERS)) {
            while (row.next()) {
                peers.add(
                        new ReplicationPeer(
                                row.getString("application_name"),
                                row.getBoolean("streams"),
                                Lsn.parse(row.getString("flushed"))));
            }
        }
        return peers;
    }

    private static ServerStatus status(ResultSet row, List<ReplicationPeer> peers)
            throws SQLException {
        Optional<ServerStatus.Receiver> receiver = Optional.empty();
        if (row.getBoolean("has_receiver")) {
            receiver =
                    Optional.of(
                            new ServerStatus.Receiver(
                                    row.getBoolean("receiver_streams"),
                                    new TimelineId(row.getLong("receiver_timeline")),
                                    row.getString("sender_host"),
                                    row.getInt("sender_port")));
        }
        return new ServerStatus(
                new SystemIdentifier(row.getLong("system_identifier")),
                new PostgresVersion(row.getInt("version")),
                row.getBoolean("in_recovery"),
                new TimelineId(row.getLong("timeline")),
                Lsn.parse(row.getString("written")),
                row.getBoolean("is_end_known"),
                Lsn.parse(row.getString("replayed")),
                row.getLong("lag"),
                receiver,
                new ServerStatus.Source(
                        row.getString("primary_conninfo"), row.getBoolean("uses_archive")),
                row.getString("synchronous"),
                peers);
    }

    /** The sessions of clients that have come over the network. */
    public List<ClientSession> sessions() {
        return ask(
                "sessions",
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet row = statement.executeQuery(SESSIONS)) {
                        List<ClientSession> sessions = new ArrayList<>();
                        while (row.next()) {
                            sessions.add(
                                    new ClientSession(
                                            row.getLong("pid"),
                                            row.getString("host"),
                                            row.getInt("client_port"),
                                            row.getBoolean("is_wal_sender"),
                                            row.getBoolean("is_idle"),
                                            row.getBoolean("awaits"),
                                            row.getString("changed")));
                        }
                        return sessions;
                    }
                });
    }

    /**
     * The ports of peers whose TCP sockets on the server's host hold bytes that nobody has read
     * yet; those of other programs are among them. Superusers only; Linux only.
     *
     * @param isOverIpv6 which of the two kinds of sockets is meant
     */
    public Set<Integer> portsWithUnreadBytes(boolean isOverIpv6) {
        return ask(
                "sockets with unread bytes",
                open -> {
                    try (PreparedStatement statement = open.prepareStatement(UNREAD)) {
                        statement.setString(1, isOverIpv6 ? "/proc/net/tcp6" : "/proc/net/tcp");
                        ResultSet row = statement.executeQuery();
                        Set<Integer> ports = new HashSet<>();
                        while (row.next()) {
                            ports.add(Integer.parseInt(row.getString("port"), HEXADECIMAL));
                        }
                        return ports;
                    }
                });
    }

    /** Runs one statement that returns nothing of interest. */
    public void execute(String sql) {
        ask(
                sql,
                open -> {
                    try (Statement statement = open.createStatement()) {
                        statement.execute(sql);
                        return true;
                    }
                });
    }

    /**
     * Runs one query and returns the first column of its first row as text; empty if there is none.
     */
    public Optional<String> queryText(String sql) {
        return ask(
                sql,
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet row = statement.executeQuery(sql)) {
                        return row.next()
                                ? Optional.ofNullable(row.getString(1))
                                : Optional.<String>empty();
                    }
                });
    }

    /** Makes the server read its configuration again. */
    public void reload() {
        execute("SELECT pg_reload_conf()");
    }

    /** What is done with an open connection. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Connection open) throws SQLException;
    }

    private <T> T ask(String what, Question<T> question) {
        try {
            return question.ask(open());
        } catch (SQLException e) {
            close();
            throw new ServerException(
                    what.strip().lines().findFirst().orElse("") + " on " + address,
                    "check that the server runs and lets this user in",
                    e);
        }
    }

    private Connection open() throws SQLException {
        Connection known = connection;
        if (known == null || known.isClosed()) {
            known = address.connect("matriarch", patience);
            connection = known;
        }
        return known;
    }

    @Override
    public void close() {
        Connection known = connection;
        connection = null;
        if (known == null) {
            return;
        }
        try {
            known.abort(Runnable::run);
        } catch (SQLException e) {
            // Nothing is owed on a connection that is thrown away.
            return;
        }
    }
}
