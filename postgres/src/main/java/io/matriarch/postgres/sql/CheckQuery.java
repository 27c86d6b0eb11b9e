package io.matriarch.postgres.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.Optional;

/** A query that somebody else has written, to find out whether data is as it should be. */
public final class CheckQuery {

    /** Rows that are held in memory at the same time. */
    private static final int ROWS = 1000;

    private static final int LONGEST_VALUE = 1000;

    /**
     * What it has found.
     *
     * @param first the first value of the first row; empty if there is none, or it is null
     * @param isRefuted whether that value is a truth value, and not true
     */
    public record Answer(long rows, Optional<String> first, boolean isRefuted) {}

    private final ServerAddress address;
    private final Duration patience;

    public CheckQuery(ServerAddress address, Duration patience) {
        this.address = address;
        this.patience = patience;
    }

    /**
     * Runs it to its last row.
     *
     * @throws ServerException if it fails
     */
    public Answer run(String sql) {
        try (Connection connection = address.connect("matriarch drill", patience)) {
            // Only then rows come piece by piece.
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(ROWS);
                if (!statement.execute(sql)) {
                    return new Answer(0, Optional.empty(), false);
                }
                try (ResultSet rows = statement.getResultSet()) {
                    return answer(rows);
                }
            }
        } catch (SQLException e) {
            throw new ServerException("query", "correct it, or look for what has changed", e);
        }
    }

    private static Answer answer(ResultSet rows) throws SQLException {
        long count = 0;
        Optional<String> first = Optional.empty();
        boolean isRefuted = false;
        boolean hasColumns = rows.getMetaData().getColumnCount() > 0;
        while (rows.next()) {
            if (count == 0 && hasColumns) {
                first = Optional.ofNullable(rows.getString(1));
                int type = rows.getMetaData().getColumnType(1);
                // Neither is null true.
                isRefuted = (type == Types.BIT || type == Types.BOOLEAN) && !rows.getBoolean(1);
            }
            count++;
        }
        // A question that nothing answers is answered by no.
        boolean isUnanswered = hasColumns && count == 0;
        return new Answer(count, first.map(CheckQuery::cut), isRefuted || isUnanswered);
    }

    private static String cut(String value) {
        return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE);
    }
}
