package io.matriarch.local;

import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

/** Whether a local cluster does what it is for, asked the way a client would ask. */
final class Readiness {

    private static final String CONNECT_SECONDS = "2";
    private static final String ANSWER_SECONDS = "5";

    private final LocalPlan plan;

    Readiness(LocalPlan plan) {
        this.plan = plan;
    }

    /** What keeps a write from going through the ambassador; nothing if it does. */
    Optional<String> writesMissing() {
        LocalShape shape = plan.shape();
        try (Connection connection =
                        connect(shape.database(), shape.user(), plan.secrets().application());
                Statement statement = connection.createStatement()) {
            // A committed write that leaves nothing behind.
            statement.execute("select pg_logical_emit_message(true, 'matriarch', 'local up')");
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of("no write goes through the ambassador: " + e.getMessage());
        }
    }

    /** Which part of the standbys does not stream; nothing if all do. */
    Optional<String> standbysMissing() {
        int wanted = plan.shape().nodes() - 1;
        int streaming = 0;
        try (Connection connection = connect("postgres", "postgres", plan.secrets().superuser());
                PreparedStatement query =
                        connection.prepareStatement(
                                """
                                select count(distinct application_name) from pg_stat_replication
                                where state = 'streaming' and application_name = any (?)
                                """)) {
            query.setArray(
                    1, connection.createArrayOf("text", plan.shape().memberNames().toArray()));
            try (ResultSet row = query.executeQuery()) {
                row.next();
                streaming = row.getInt(1);
            }
        } catch (SQLException e) {
            return Optional.of("the primary does not tell of its standbys: " + e.getMessage());
        }
        return streaming == wanted
                ? Optional.empty()
                : Optional.of(streaming + " of " + wanted + " standbys stream");
    }

    private Connection connect(String database, String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("socketTimeout", ANSWER_SECONDS);
        properties.setProperty("loginTimeout", ANSWER_SECONDS);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("ApplicationName", "matriarch local");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + plan.address("ambassador.read-write") + "/" + database,
                properties);
    }
}
