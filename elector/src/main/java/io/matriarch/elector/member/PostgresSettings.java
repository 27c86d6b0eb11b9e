package io.matriarch.elector.member;

import io.matriarch.archiver.script.ControlScripts;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.sql.Credentials;
import java.nio.file.Path;
import java.util.Map;

/**
 * The Postgres beside this sidecar, as configured.
 *
 * @param dataDirectory the data directory; what else a member keeps lies beside it
 * @param controlDirectory shared with the supervisor
 * @param listen where Postgres listens for everybody
 * @param socketDirectory for its Unix socket; empty for none
 * @param superuser for this sidecar, rewinds and clones
 * @param replication for streaming
 * @param superuserPasswordFile read by initdb
 * @param parameters further parameters of postgresql.conf, which the sidecar's own override
 */
public record PostgresSettings(
        Path dataDirectory,
        Path controlDirectory,
        Path spoolDirectory,
        Endpoint listen,
        String socketDirectory,
        Credentials superuser,
        Credentials replication,
        Credentials application,
        String applicationDatabase,
        Path superuserPasswordFile,
        Map<String, String> parameters) {

    public PostgresSettings {
        parameters = Map.copyOf(parameters);
    }

    /** The programs that Postgres calls to archive and to fetch WAL. */
    public ControlScripts scripts() {
        return new ControlScripts(
                controlDirectory, spoolDirectory, ControlScripts.TROUBLE_OF_A_STANDBY);
    }

    /**
     * The folder beside the data directory in which a member keeps what a rewind must not touch.
     */
    public Path memberDirectory() {
        return dataDirectory.resolveSibling(dataDirectory.getFileName() + ".matriarch");
    }
}
