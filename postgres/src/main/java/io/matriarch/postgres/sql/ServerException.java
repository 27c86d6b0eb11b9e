package io.matriarch.postgres.sql;

import java.sql.SQLException;

/** A server could not be asked, or refused. */
public final class ServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final String CANNOT_CONNECT_NOW = "57P03";

    private final String hint;
    private final boolean isTransient;
    private final boolean isSilence;

    public ServerException(String message, String hint, SQLException cause) {
        super(message + ": " + cause.getMessage(), cause);
        this.hint = hint;
        this.isTransient = isTransient(cause.getSQLState());
        this.isSilence = isSilence(cause.getSQLState());
    }

    /** For a server that is known to let nobody in while it starts, or stops. */
    public static ServerException closed(ServerAddress address) {
        return new ServerException(
                "a connection to " + address,
                "wait until it has started",
                new SQLException("the server lets nobody in", CANNOT_CONNECT_NOW));
    }

    /** What a person can do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the same call may succeed later: no connection, or a server that starts or stops. */
    public boolean isTransient() {
        return isTransient;
    }

    /**
     * Whether nobody answered: refused, broken off, or too late. An error is an answer, too, and
     * the server lives that gives it.
     */
    public boolean isSilence() {
        return isSilence;
    }

    private static boolean isSilence(String state) {
        return state != null && state.startsWith("08");
    }

    private static boolean isTransient(String state) {
        return isSilence(state) || (state != null && state.startsWith("57P"));
    }
}
