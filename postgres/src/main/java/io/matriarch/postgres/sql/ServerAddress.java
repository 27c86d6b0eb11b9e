package io.matriarch.postgres.sql;

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
    }
}
