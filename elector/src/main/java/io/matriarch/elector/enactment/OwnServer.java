package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.sql.ServerStatus;

/**
 * The own Postgres, as it answers. Every call may fail with a {@link
 * io.matriarch.postgres.sql.ServerException}.
 */
public interface OwnServer {

    ServerStatus status();

    /** How many clients are inside a transaction; standbys and sidecars are none. */
    int clientsInTransaction();

    /**
     * Ends the connection to everybody but the successor who has not written all of the log there
     * is. A server begins its shutdown checkpoint only when nothing is stuck on the way to a
     * standby any more, and a frozen one would hold it up for as long as {@code
     * wal_sender_timeout}.
     */
    void endSendersBehind(MemberName successor);

    /**
     * Fills the current segment of WAL nearly to its end, for some seconds at most. A server that
     * archives ends its last segment when it shuts down, and writes, and sends to each standby,
     * zeros to the end of it; what is filled before need not be filled while clients wait. Does
     * nothing where a logical slot is, whose users would see it.
     */
    void fillSegment();

    /**
     * Ends the sessions inside a transaction, if replay waits for one of them: for what a query
     * still reads, a lock, or a pin. It waits for up to {@code max_standby_streaming_delay} before
     * it cancels them by itself, and a promotion waits with it (PostgreSQL manual, "Handling Query
     * Conflicts").
     */
    void endConflictsWithReplay();

    /** Makes the server read its configuration again. */
    void reload();

    /** Returns when a checkpoint that began after the call is complete; may take long. */
    void checkpoint();

    /** Creates the roles and the database that the configuration names, unless they are there. */
    void createRoles();

    /** Drops the connection, if there is one; the next call makes a new one. */
    void close();
}
