package io.matriarch.elector.member;

import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.enactment.RewindSource;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.sql.Credentials;
import io.matriarch.postgres.sql.PostgresServer;
import io.matriarch.postgres.sql.ReplicationAccess;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;

/** The own Postgres, asked by SQL and corrected by what its data directory shows. */
final class SqlServer implements OwnServer, RewindSource {

    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);
    private static final Duration REPLICATION_PATIENCE = Duration.ofSeconds(1);
    private static final Duration CHECKPOINT_PATIENCE = Duration.ofMinutes(5);

    /** A client with {@code track_activities} off does not show its state, and is not counted. */
    private static final String IN_TRANSACTION =
            """
            SELECT count(*) FROM pg_stat_activity
             WHERE backend_type = 'client backend'
               AND state IN ('active', 'idle in transaction', 'idle in transaction (aborted)',
                             'fastpath function call')
               AND NOT (application_name = 'matriarch' AND usename = current_user)
            """;

    private static final int MOST_SIGNALS = 4;

    private static final String ROOM_IN_SEGMENT =
            """
            SELECT CASE WHEN EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'logical')
                        THEN 0
                        ELSE size - (pg_current_wal_insert_lsn() - '0/0') % size END::bigint
              FROM (SELECT pg_size_bytes(current_setting('wal_segment_size')) AS size) AS segment
            """;

    private static final int FILLING_BYTES = 1_000_000;
    private static final String FILLING =
            "SELECT pg_logical_emit_message(false, 'matriarch', repeat('-', "
                    + FILLING_BYTES
                    + "))";
    private static final Duration FILLING_PATIENCE = Duration.ofSeconds(3);

    private final PostgresSettings settings;
    private final ServerAddress address;
    private final PostgresServer server;
    private final DataDirectory data;

    SqlServer(PostgresSettings settings, ServerAddress address) {
        this.settings = settings;
        this.address = address;
        this.server = new PostgresServer(address, ANSWER_PATIENCE);
        this.data = new DataDirectory(settings.dataDirectory());
    }

    /** Who knocks at a server that starts is turned away with a line in its log. */
    @Override
    public ServerStatus status() {
        if (!server.isConnected() && data.isClosedToClients()) {
            throw ServerException.closed(address);
        }
        ServerStatus reported = server.status();
        return reported.isInRecovery() ? reported.onTimeline(timeline(reported)) : reported;
    }

    /**
     * A standby's own word may be a timeline behind, unless its receiver streams: one that tries to
     * connect knows nothing.
     */
    private TimelineId timeline(ServerStatus reported) {
        Lsn end = Lsn.max(reported.written(), reported.replayed());
        if (reported.isStreaming() || end.equals(Lsn.ZERO)) {
            return reported.timeline();
        }
        WalSegmentSize size =
                data.controlFile().map(ControlFile::walSegmentSize).orElse(WalSegmentSize.DEFAULT);
        return data.timelineBefore(end, size)
                .filter(found -> found.compareTo(reported.timeline()) > 0)
                .orElse(reported.timeline());
    }

    @Override
    public int clientsInTransaction() {
        return server.queryText(IN_TRANSACTION).map(Integer::parseInt).orElse(0);
    }

    /**
     * One that is stuck takes the first signal for a reason to tell its peer, and is stuck in that;
     * the second ends it.
     */
    @Override
    public void endSendersBehind(MemberName successor) {
        String signal =
                """
                SELECT count(*)
                  FROM (SELECT pg_terminate_backend(pid, 50) AS is_gone FROM pg_stat_replication
                         WHERE coalesce(write_lsn, '0/0') < pg_current_wal_flush_lsn()
                           AND application_name <>\
                """
                        + literal(successor.value())
                        + ") AS signalled WHERE NOT is_gone";
        boolean isSomebodyLeft = true;
        for (int signals = 0; isSomebodyLeft && signals < MOST_SIGNALS; signals++) {
            isSomebodyLeft = server.queryText(signal).filter("0"::equals).isEmpty();
        }
    }

    /**
     * In messages that only logical decoding would hand to anybody. On a connection of its own, for
     * others ask meanwhile.
     */
    @Override
    public void fillSegment() {
        long deadline = System.nanoTime() + FILLING_PATIENCE.toNanos();
        try (PostgresServer filling = new PostgresServer(address, ANSWER_PATIENCE)) {
            while (room(filling) > FILLING_BYTES && System.nanoTime() - deadline < 0) {
                filling.execute(FILLING);
            }
        }
    }

    private static long room(PostgresServer primary) {
        return primary.queryText(ROOM_IN_SEGMENT).map(Long::parseLong).orElse(0L);
    }

    @Override
    public void endConflictsWithReplay() {
        server.queryText(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                   AND xact_start IS NOT NULL
                   AND EXISTS (SELECT FROM pg_stat_activity
                                WHERE backend_type = 'startup'
                                  AND (wait_event_type IN ('Lock', 'BufferPin')
                                       OR wait_event LIKE 'RecoveryConflict%'))
                """);
    }

    @Override
    public void reload() {
        server.reload();
    }

    /** On a connection of its own, because it may take long. */
    @Override
    public void checkpoint() {
        try (PostgresServer patient = new PostgresServer(address, CHECKPOINT_PATIENCE)) {
            patient.execute("CHECKPOINT");
        }
    }

    /** A rewind reads the source's timeline from its control file. */
    @Override
    public TimelineHistory bringToDisk(Endpoint primary, TimelineId timeline) {
        try (PostgresServer source = another(primary, CHECKPOINT_PATIENCE)) {
            if (!isOnDisk(source, timeline)) {
                source.execute("CHECKPOINT");
                if (!isOnDisk(source, timeline)) {
                    throw new IllegalStateException(
                            primary + " is not on timeline " + timeline + " any more");
                }
            }
            return history(source, timeline);
        }
    }

    @Override
    public Lsn endOfLog(Endpoint primary) {
        try (PostgresServer source = another(primary, REPLICATION_PATIENCE)) {
            return source.queryText("SELECT pg_current_wal_flush_lsn()")
                    .map(Lsn::parse)
                    .orElseThrow();
        }
    }

    @Override
    public boolean letsReplicate(Endpoint primary) {
        return ReplicationAccess.isGranted(
                ServerAddress.tcp(primary.host(), primary.port(), settings.replication()),
                REPLICATION_PATIENCE);
    }

    private PostgresServer another(Endpoint member, Duration patience) {
        return new PostgresServer(
                ServerAddress.tcp(member.host(), member.port(), settings.superuser()), patience);
    }

    private static boolean isOnDisk(PostgresServer source, TimelineId timeline) {
        return source.queryText("SELECT timeline_id FROM pg_control_checkpoint()")
                .map(timeline.toString()::equals)
                .orElse(false);
    }

    private static TimelineHistory history(PostgresServer source, TimelineId timeline) {
        if (timeline.equals(TimelineId.FIRST)) {
            return TimelineHistory.of(timeline);
        }
        String file = literal("pg_wal/" + timeline.historyFileName());
        return source.queryText("SELECT pg_read_file(" + file + ")")
                .map(text -> TimelineHistory.parse(timeline, text))
                .orElseThrow();
    }

    @Override
    public void createRoles() {
        createRole(settings.replication(), "REPLICATION");
        Credentials application = settings.application();
        if (application.user().equals(settings.superuser().user())) {
            return;
        }
        createRole(application, "CREATEDB");
        String database = settings.applicationDatabase();
        boolean isThere =
                server.queryText("SELECT 1 FROM pg_database WHERE datname = " + literal(database))
                        .isPresent();
        if (!isThere) {
            server.execute(
                    "CREATE DATABASE "
                            + identifier(database)
                            + " OWNER "
                            + identifier(application.user()));
        }
    }

    private void createRole(Credentials role, String attribute) {
        String known = "SELECT 1 FROM pg_roles WHERE rolname = " + literal(role.user());
        if (server.queryText(known).isEmpty()) {
            server.execute(
                    "CREATE ROLE "
                            + identifier(role.user())
                            + " LOGIN "
                            + attribute
                            + " PASSWORD "
                            + literal(role.password()));
        }
    }

    private static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @Override
    public void close() {
        server.close();
    }
}
