package io.matriarch.postgres.sql;

import java.sql.SQLException;
<<<<<<< HEAD
import org.jspecify.annotations.Nullable;

/** The server could not be reached, did not answer in time, or refused a statement. */
=======

/** A server could not be asked, or refused. */
>>>>>>> backup
public final class ServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

<<<<<<< HEAD
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
=======
    private final String hint;
    private final boolean isTransient;

    public ServerException(String message, String hint, SQLException cause) {
        super(message + ": " + cause.getMessage(), cause);
        this.hint = hint;
        this.isTransient = isTransient(cause.getSQLState());
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the same call may succeed later: no connection, or a server that starts or stops. */
    public boolean isTransient() {
        return isTransient;
    }

    private static boolean isTransient(String state) {
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
>>>>>>> backup
    }
}
