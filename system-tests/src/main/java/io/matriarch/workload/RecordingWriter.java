package io.matriarch.workload;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that inserts one row after the other, each in a transaction of its own, and remembers
 * every row whose commit was acknowledged, when and by whom. A row whose outcome it never learnt is
 * not counted; its number is not used again. One thread of its own; it reconnects for as long as it
 * takes.
 */
public final class RecordingWriter implements AutoCloseable {

    private static final Duration LAST_ANSWER = Duration.ofSeconds(5);
    private static final int HEXADECIMAL = 16;
    private static final String WHO =
            "SELECT inet_server_port(), left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    private final Target target;
    private final Manner manner;
    private final List<Acknowledgement> acknowledged = new ArrayList<>();
    private final Thread thread;
    private volatile boolean isClosed;

    /** Set by the writer's thread, also read by whoever does not wait for it any longer. */
    private volatile @Nullable Connection current;

    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

    /**
     * How a client writes.
     *
     * @param pause between two transactions
     * @param isLong whether a transaction has several statements, with the pause among them
     * @param beforeReconnecting how long it waits after a failure
     * @param answerSeconds how long it waits for an answer; 0 is for ever
     */
    public record Manner(
            Duration pause, boolean isLong, Duration beforeReconnecting, int answerSeconds) {

        /** One statement after the other. */
        public static final Manner RESTLESS = pausing(Duration.ZERO);

        public static Manner pausing(Duration pause) {
            return new Manner(pause, false, Duration.ofMillis(5), 40);
        }

        public Manner inLongTransactions() {
            return new Manner(pause, true, beforeReconnecting, answerSeconds);
        }

        /** It sits on its connection, whatever becomes of the server. */
        public Manner stubborn(Duration longer) {
            return new Manner(pause, isLong, longer, 0);
        }
    }

    /**
     * Where to write.
     *
     * @param address {@code host:port}
     * @param table is created if it is absent: one column {@code id}
     */
    public record Target(
            String address, String database, String user, String password, String table) {

        Connection connect() throws SQLException {
            return connect(Manner.RESTLESS);
        }

        private Connection connect(Manner manner) throws SQLException {
            Properties properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("password", password);
            properties.setProperty("connectTimeout", "40");
            properties.setProperty("loginTimeout", "40");
            properties.setProperty("socketTimeout", Integer.toString(manner.answerSeconds()));
            properties.setProperty("ApplicationName", "recording-writer");
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + address + "/" + database, properties);
        }
    }

    /**
     * What became of the promises.
     *
     * @param lost rows that were acknowledged and are not there
     * @param longestGap the longest time without an acknowledgement, while the writer ran
     */
    public record Verdict(int acknowledged, List<Long> lost, Duration longestGap, int failures) {
        public Verdict {
            lost = List.copyOf(lost);
        }
    }

    private RecordingWriter(Target target, Manner manner) {
        this.target = target;
        this.manner = manner;
        this.thread = Thread.ofPlatform().name("recording-writer").daemon().unstarted(this::run);
    }

    /** Begins to write; the table is there when this returns. */
    public static RecordingWriter start(Target target) throws SQLException {
        return start(target, Manner.RESTLESS);
    }

    public static RecordingWriter start(Target target, Manner manner) throws SQLException {
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS " + target.table() + " (id bigint PRIMARY KEY)");
        }
        return resume(target, manner);
    }

    /** Begins to write into a table that is there, or will be. */
    public static RecordingWriter resume(Target target, Manner manner) {
        RecordingWriter writer = new RecordingWriter(target, manner);
        writer.thread.start();
        return writer;
    }

    /** How many commits were acknowledged so far. */
    public int count() {
        return count.get();
    }

    /**
     * When the last commit was acknowledged, as {@link System#nanoTime()}; the start if none was.
     */
    public long lastNanos() {
        return lastNanos.get();
    }

    /** How many transactions ended by a failure after their first statement had succeeded. */
    public int aborted() {
        return aborted.get();
    }

    private void run() {
        long next = 1;
        Acknowledgement.Writer who = new Acknowledgement.Writer(0, 0);
        while (!isClosed) {
            @Nullable Connection connection = current;
            try {
                if (connection == null) {
                    connection = target.connect(manner);
                    current = connection;
                    who = whoWrites(connection);
                    next = Math.max(next, highest(connection) + 1);
                    connection.setAutoCommit(!manner.isLong());
                }
                long sent = write(connection, next);
                note(new Acknowledgement(next, who, sent, System.nanoTime()));
                LockSupport.parkNanos(manner.pause().toNanos());
            } catch (SQLException e) {
                failures.incrementAndGet();
                abandon(connection);
                current = null;
                LockSupport.parkNanos(manner.beforeReconnecting().toNanos());
            }
            next++;
        }
        abandon(current);
    }

    private void note(Acknowledgement acknowledgement) {
        synchronized (acknowledged) {
            acknowledged.add(acknowledgement);
        }
        lastNanos.set(acknowledgement.nanos());
        count.incrementAndGet();
    }

    /** Returns when the commit was asked for. */
    private long write(Connection connection, long id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long sent = System.nanoTime();
            statement.execute("INSERT INTO " + target.table() + " VALUES (" + id + ")");
            return manner.isLong() ? finish(connection, statement) : sent;
        }
    }

    private long finish(Connection connection, Statement statement) throws SQLException {
        boolean isDone = false;
        try {
            LockSupport.parkNanos(manner.pause().toNanos());
            statement.execute("SELECT count(*) FROM pg_class");
            long sent = System.nanoTime();
            connection.commit();
            isDone = true;
            return sent;
        } finally {
            if (!isDone) {
                aborted.incrementAndGet();
            }
        }
    }

    /** Fails on a standby. */
    private static Acknowledgement.Writer whoWrites(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(WHO)) {
            row.next();
            return new Acknowledgement.Writer(
                    row.getInt(1), Long.parseLong(row.getString(2), HEXADECIMAL));
        }
    }

    private long highest(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT coalesce(max(id), 0) FROM " + target.table())) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void abandon(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is thrown away in any case.
            return;
        }
    }

    /** Stops writing, reads the table back, and compares. */
    public Verdict verdict() throws SQLException, InterruptedException {
        return verdict(target);
    }

    /** The same, with the table read back elsewhere. */
    public Verdict verdict(Target whence) throws SQLException, InterruptedException {
        Acknowledgements all = finish();
        return new Verdict(
                all.count(), all.lost(present(whence)), all.longestGap(), failures.get());
    }

    /** Stops writing; all that was acknowledged. */
    public Acknowledgements finish() throws InterruptedException {
        close();
        thread.join(LAST_ANSWER.toMillis());
        while (thread.isAlive()) {
            abandon(current);
            thread.join(LAST_ANSWER.toMillis());
        }
        synchronized (acknowledged) {
            return new Acknowledgements(acknowledged);
        }
    }

    /** The rows that are in a table now. */
    public static Set<Long> present(Target whence) throws SQLException {
        Set<Long> present = new HashSet<>();
        try (Connection connection = whence.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM " + whence.table())) {
            while (row.next()) {
                present.add(row.getLong(1));
            }
        }
        return present;
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
