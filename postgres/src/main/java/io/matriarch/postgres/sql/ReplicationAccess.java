package io.matriarch.postgres.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a server lets somebody replicate, by the streaming replication protocol. */
public final class ReplicationAccess {

    private static final Logger log = LoggerFactory.getLogger(ReplicationAccess.class);

    private ReplicationAccess() {}

    /**
     * Tries it, as a walreceiver begins.
     *
     * @param patience for the connection, and for the answer
     */
    public static boolean isGranted(ServerAddress address, Duration patience) {
        try (Connection open = address.connectAsStandby("matriarch", patience);
                Statement statement = open.createStatement()) {
            return statement.execute("IDENTIFY_SYSTEM");
        } catch (SQLException e) {
            log.atInfo()
                    .addKeyValue("server", address)
                    .addKeyValue("reason", String.valueOf(e.getMessage()))
                    .log("no replication from there");
            return false;
        }
    }
}
