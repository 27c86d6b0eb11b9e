package io.matriarch.postgres.sql;

<<<<<<< HEAD
import java.time.Duration;
import java.util.Properties;

/**
 * How to reach a server.
 *
 * @param patience how long to wait for a connection, and for each answer
 */
public record ServerAddress(
        String host, int port, String database, Credentials credentials, Duration patience) {

    /** A user and its password, which never shows in a text. */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /** The same server, with another patience. */
    public ServerAddress within(Duration other) {
        return new ServerAddress(host, port, database, credentials, other);
    }

    String url() {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return "jdbc:postgresql://" + bracketed + ":" + port + "/" + database;
    }

    Properties properties() {
        Properties properties = new Properties();
        String seconds = Long.toString(Math.max(1, patience.toSeconds()));
        properties.setProperty("user", credentials.user());
        properties.setProperty("password", credentials.password());
        properties.setProperty("ApplicationName", "matriarch");
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
=======
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

    public static ServerAddress unixSocket(Path directory, int port, String user) {
        return new ServerAddress(
                "localhost", port, Optional.of(directory), "postgres", user, Optional.empty());
    }

    /**
     * Connects.
     *
     * @param readTimeout how long a single answer may take; zero if only the caller's own deadline
     *     counts
     */
    Connection connect(String application, Duration readTimeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        password.ifPresent(it -> properties.setProperty("password", it));
        properties.setProperty("ApplicationName", application);
        properties.setProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
        properties.setProperty("loginTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
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

    /** Without the password: this text may be logged. */
    @Override
    public String toString() {
        String where = socketDirectory.map(Path::toString).orElse(host);
        return user + "@" + where + ":" + port + "/" + database;
>>>>>>> backup
    }
}
