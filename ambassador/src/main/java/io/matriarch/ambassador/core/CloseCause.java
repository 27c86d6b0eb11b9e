package io.matriarch.ambassador.core;

/** Why a connection came to its end. */
public enum CloseCause {
    /** The client or the server closed it, and everything owed was delivered. */
    FINISHED,
    /** The client went away before it had a server. */
    CLIENT_GONE,
    /** The client did not open with a packet in time. */
    SILENT_CLIENT,
    /** The server took the connection and never said a byte. */
    SILENT_SERVER,
    /** No server in time, or too many wait already. */
    REFUSED,
    /** Cut: a higher epoch has begun. */
    CUT_HIGHER_EPOCH,
    /** Cut: the primary is proven dead. */
    CUT_VACANT,
    /** Cut: a record of the same epoch names another primary. */
    CUT_CONTRADICTED,
    /** A cancel request was delivered, could not be, or was out of time. */
    CANCEL_DONE,
    /** The ambassador ends. */
    SHUTDOWN;

    /** Whether it was the ambassador that ended a living session. */
    public boolean isCut() {
        return switch (this) {
            case CUT_HIGHER_EPOCH, CUT_VACANT, CUT_CONTRADICTED -> true;
            case FINISHED, CLIENT_GONE, SILENT_CLIENT, SILENT_SERVER -> false;
            case REFUSED, CANCEL_DONE, SHUTDOWN -> false;
        };
    }
}
