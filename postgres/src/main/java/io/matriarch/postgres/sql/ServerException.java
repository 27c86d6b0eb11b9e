package io.matriarch.postgres.sql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The server could not be reached, did not answer in time, or refused a statement. */
public final class ServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sqlState;

    public ServerException(String message, SQLException cause) {
        super(message + ": " + cause.getMessage(), cause);
        this.sqlState = orEmpty(cause.getSQLState());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** The five characters of the SQLSTATE; empty if the server was not reached. */
    public String sqlState() {
        return sqlState;
    }

    /** The server is there and starts, stops or recovers (SQLSTATE 57P03). */
    public boolean isNotAcceptingYet() {
        return sqlState.equals("57P03");
    }
}
