package io.matriarch.archiver.recovery;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a restored server is run.
 *
 * @param programs the folder of {@code pg_ctl} and {@code postgres}, of the backup's major version
 * @param runAs the user to run it as; empty for the current one. Needs root
 * @param port on localhost
 * @param superuser a role that may connect to the database {@code postgres}
 * @param patience how long replay may make no progress before it is given up
 * @param settings that hold over all others
 */
public record ServerPrograms(
        Path programs,
        Optional<String> runAs,
        int port,
        String superuser,
        Duration patience,
        Map<String, String> settings) {

    public ServerPrograms {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
        settings = Map.copyOf(settings);
    }

    /** With no settings of its own. */
    public ServerPrograms(
            Path programs, Optional<String> runAs, int port, String superuser, Duration patience) {
        this(programs, runAs, port, superuser, patience, Map.of());
    }

    ServerPrograms onPort(int known) {
        return new ServerPrograms(programs, runAs, known, superuser, patience, settings);
    }
}
