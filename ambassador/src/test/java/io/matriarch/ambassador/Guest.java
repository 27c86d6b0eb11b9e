package io.matriarch.ambassador;

import io.matriarch.elector.situation.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that writes without a pause and comes back when its session is ended. It knows how far
 * each transaction had come that failed.
 */
final class Guest {

    private final InetSocketAddress address;
    private final String sslMode;
    private final boolean isLong;
    private final Thread thread;
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final Collection<Long> acknowledged = new ConcurrentLinkedQueue<>();
    private final Collection<Long> failed = new ConcurrentLinkedQueue<>();
    private volatile boolean isLeaving;
    private long next;

    private Guest(InetSocketAddress address, String sslMode, boolean isLong, long first) {
        this.address = address;
        this.sslMode = sslMode;
        this.isLong = isLong;
        this.next = first;
        this.thread = Thread.ofPlatform().name("guest").daemon().unstarted(this::stay);
    }

    /**
     * @param isLong whether a transaction has several statements
     * @param first number of a row; it goes on from there
     */
    static Guest come(InetSocketAddress address, String sslMode, boolean isLong, long first) {
        Guest guest = new Guest(address, sslMode, isLong, first);
        guest.thread.start();
        return guest;
    }

    static Connection connect(InetSocketAddress address, String sslMode) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + address.getPort()
                        + "/postgres?user=postgres&ApplicationName=guest&socketTimeout=30&sslmode="
                        + sslMode);
    }

    static long backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getLong(1);
        }
    }

    static void signal(String name, long pid) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        if (status != 0) {
            throw new IOException("kill -" + name + " " + pid + " ended with " + status);
        }
    }

    private void stay() {
        while (!isLeaving) {
            try (Connection connection = connect(address, sslMode);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(!isLong);
                while (!isLeaving) {
                    write(connection, statement);
                }
            } catch (SQLException e) {
                ended.incrementAndGet();
            }
        }
    }

    private void write(Connection connection, Statement statement) throws SQLException {
        long id = next;
        next += 2;
        boolean hasBegun = false;
        try {
            statement.execute("INSERT INTO kept VALUES (" + id + ")");
            if (isLong) {
                hasBegun = true;
                statement.execute("SELECT pg_sleep(0.003)");
                statement.execute("INSERT INTO kept VALUES (" + (id + 1) + ")");
                connection.commit();
            }
            acknowledged.add(id);
        } catch (SQLException e) {
            failed.add(id);
            if (hasBegun) {
                aborted.incrementAndGet();
            }
            throw e;
        }
    }

    void leave() throws InterruptedException {
        isLeaving = true;
        thread.join();
    }

    /** How often its session was ended under it. */
    int ended() {
        return ended.get();
    }

    /** Transactions that failed after a statement of theirs had succeeded. */
    int aborted() {
        return aborted.get();
    }

    Collection<Long> acknowledged() {
        return acknowledged;
    }

    /** Rows of transactions that failed. */
    Collection<Long> failed() {
        return failed;
    }

    static int committed(List<Guest> guests) {
        return guests.stream().mapToInt(guest -> guest.acknowledged.size()).sum();
    }

    /** The rows that are there. */
    static Set<Long> present(Endpoint server) throws SQLException {
        Set<Long> present = new HashSet<>();
        try (Connection connection =
                        connect(new InetSocketAddress(server.host(), server.port()), "disable");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM kept")) {
            while (row.next()) {
                present.add(row.getLong(1));
            }
        }
        return present;
    }
}
