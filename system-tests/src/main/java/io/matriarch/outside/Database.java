package io.matriarch.outside;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * A database, a way to it, and who asks. Each call is a connection of its own.
 *
 * @param address {@code host:port}
 */
public record Database(String address, String name, String user, String password) {

    private static final String CONNECT_SECONDS = "40";
    private static final String ANSWER_SECONDS = "120";

    /** The first column of the first row, as text. */
    public String text(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                throw new OutsideException("no row: " + query);
            }
            return String.valueOf(row.getString(1));
        }
    }

    public long number(String query) throws SQLException {
        return Long.parseLong(text(query));
    }

    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("loginTimeout", CONNECT_SECONDS);
        properties.setProperty("socketTimeout", ANSWER_SECONDS);
        properties.setProperty("ApplicationName", "matriarch-outside");
        return DriverManager.getConnection("jdbc:postgresql://" + address + "/" + name, properties);
    }

    /** The same question elsewhere. */
    public Database at(String otherAddress) {
        return new Database(otherAddress, name, user, password);
    }

    @Override
    public String toString() {
        return user + "@" + address + "/" + name;
    }
}
