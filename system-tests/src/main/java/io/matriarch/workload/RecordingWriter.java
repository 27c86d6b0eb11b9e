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
 * every row whose commit was acknowledged, and when. A row whose outcome it never learnt is not
 * counted; its number is not used again. One thread of its own; it reconnects for as long as it
 * takes.
 */
public final class RecordingWriter implements AutoCloseable {

    private static final Duration BEFORE_RECONNECTING = Duration.ofMillis(5);

    private final Target target;
    private final List<Acknowledgement> acknowledged = new ArrayList<>();
    private final Thread thread;
    private volatile boolean isClosed;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

    /**
     * Where to write.
     *
     * @param address {@code host:port}
     * @param table is created if it is absent: one column {@code id}
     */
    public record Target(
            String address, String database, String user, String password, String table) {

        Connection connect() throws SQLException {
            Properties properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("password", password);
            properties.setProperty("connectTimeout", "40");
            properties.setProperty("loginTimeout", "40");
            properties.setProperty("socketTimeout", "40");
            properties.setProperty("ApplicationName", "recording-writer");
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + address + "/" + database, properties);
        }
    }

    /** A commit that the server confirmed, at a reading of the monotonic clock. */
    private record Acknowledgement(long id, long nanos) {}

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

    private RecordingWriter(Target target) {
        this.target = target;
        this.thread = Thread.ofPlatform().name("recording-writer").daemon().unstarted(this::run);
    }

    /** Begins to write; the table is there when this returns. */
    public static RecordingWriter start(Target target) throws SQLException {
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS " + target.table() + " (id bigint PRIMARY KEY)");
        }
        RecordingWriter writer = new RecordingWriter(target);
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

    private void run() {
        long next = 1;
        @Nullable Connection connection = null;
        while (!isClosed) {
            try {
                if (connection == null) {
                    connection = target.connect();
                    next = Math.max(next, highest(connection) + 1);
                }
                insert(connection, next);
                long now = System.nanoTime();
                synchronized (acknowledged) {
                    acknowledged.add(new Acknowledgement(next, now));
                }
                lastNanos.set(now);
                count.incrementAndGet();
            } catch (SQLException e) {
                failures.incrementAndGet();
                abandon(connection);
                connection = null;
                LockSupport.parkNanos(BEFORE_RECONNECTING.toNanos());
            }
            next++;
        }
        abandon(connection);
    }

    private void insert(Connection connection, long id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO " + target.table() + " VALUES (" + id + ")");
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
        close();
        thread.join();
        Set<Long> present = new HashSet<>();
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM " + target.table())) {
            while (row.next()) {
                present.add(row.getLong(1));
            }
        }
        synchronized (acknowledged) {
            List<Long> lost =
                    acknowledged.stream()
                            .map(Acknowledgement::id)
                            .filter(id -> !present.contains(id))
                            .toList();
            return new Verdict(acknowledged.size(), lost, longestGap(), failures.get());
        }
    }

    private Duration longestGap() {
        long longest = 0;
        for (int i = 1; i < acknowledged.size(); i++) {
            longest =
                    Math.max(
                            longest, acknowledged.get(i).nanos() - acknowledged.get(i - 1).nanos());
        }
        return Duration.ofNanos(longest);
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
