package io.matriarch.postgres.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/**
 * How to reach a server, and as whom.
 *
 * @param socketDirectory where the server's Unix socket lies; TCP to {@code host} if empty
 * @param password empty if the server asks for none
 */
public record ServerAddress(
        String host,
        int port,
        Optional<Path> socketDirectory,
        String database,
        String user,
        Optional<String> password) {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    public static ServerAddress tcp(String host, int port, String user, Optional<String> password) {
        return new ServerAddress(host, port, Optional.empty(), "postgres", user, password);
    }

    public static ServerAddress tcp(String host, int port, Credentials credentials) {
        return tcp(host, port, credentials.user(), Optional.of(credentials.password()));
    }

    public static ServerAddress unixSocket(Path directory, int port, String user) {
        return new ServerAddress(
                "localhost", port, Optional.of(directory), "postgres", user, Optional.empty());
    }

    /** The same server, and another database. */
    public ServerAddress in(String other) {
        return new ServerAddress(host, port, socketDirectory, other, user, password);
    }

    /**
     * Connects.
     *
     * @param readTimeout how long a single answer may take; zero if only the caller's own deadline
     *     counts
     */
    Connection connect(String application, Duration readTimeout) throws SQLException {
        return connect(new Properties(), application, readTimeout);
    }

    /** As {@link #connect}, to what serves standbys: it knows replication commands only. */
    Connection connectAsStandby(String application, Duration readTimeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        return connect(properties, application, readTimeout);
    }

    private Connection connect(Properties properties, String application, Duration readTimeout)
            throws SQLException {
        properties.setProperty("user", user);
        password.ifPresent(it -> properties.setProperty("password", it));
        properties.setProperty("ApplicationName", application);
        String connectSeconds = Long.toString(connectTimeout(readTimeout).toSeconds());
        properties.setProperty("connectTimeout", connectSeconds);
        properties.setProperty("loginTimeout", connectSeconds);
        properties.setProperty("socketTimeout", Long.toString(readTimeout.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        socketDirectory.ifPresent(directory -> {
            properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
            properties.setProperty(
                    "socketFactoryArg", directory.resolve(".s.PGSQL." + port).toString());
            properties.setProperty("sslmode", "disable");
        });
        return DriverManager.getConnection(
                "jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
    }

    private static Duration connectTimeout(Duration readTimeout) {
        boolean isShorter = readTimeout.isPositive() && readTimeout.compareTo(CONNECT_TIMEOUT) < 0;
        return isShorter ? readTimeout : CONNECT_TIMEOUT;
    }

    /** Without the password: this text may be logged. */
    @Override
    public String toString() {
        String where = socketDirectory.map(Path::toString).orElse(host);
        return user + "@" + where + ":" + port + "/" + database;
    }
}
