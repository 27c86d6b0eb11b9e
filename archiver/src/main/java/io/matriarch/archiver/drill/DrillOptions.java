package io.matriarch.archiver.drill;

import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.postgres.PostgresVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a drill is done.
 *
 * @param scratch where a folder is made for it
 * @param parallel objects read, and tables checked, at the same time
 * @param isRoomChecked whether to refuse where the disk has too little room
 * @param isKept whether the restored directory stays
 * @param server what it is run with
 * @param query what is asked of the restored server; empty for nothing
 * @param patience how long each check may take
 */
public record DrillOptions(
        Path scratch,
        int parallel,
        boolean isRoomChecked,
        boolean isKept,
        Server server,
        Optional<Query> query,
        Duration patience) {

    public DrillOptions {
        scratch = scratch.toAbsolutePath().normalize();
        if (parallel < 1 || parallel > 64) {
            throw new IllegalArgumentException("jobs: " + parallel + " (expected: 1 to 64)");
        }
    }

    /** Finds what starts a server of a version. */
    @FunctionalInterface
    public interface Programs {
        ServerPrograms of(PostgresVersion version) throws InterruptedException;
    }

    /**
     * The restored server.
     *
     * @param settings that hold over those of the cluster
     */
    public record Server(Programs programs, Map<String, String> settings) {

        /** What keeps the server alone, where it should be, and on the plan's log. */
        private static final Set<String> FIXED =
                Set.of(
                        "archive_command",
                        "archive_library",
                        "archive_mode",
                        "config_file",
                        "data_directory",
                        "external_pid_file",
                        "hba_file",
                        "ident_file",
                        "listen_addresses",
                        "max_logical_replication_workers",
                        "port",
                        "primary_conninfo",
                        "primary_slot_name",
                        "restore_command",
                        "unix_socket_directories");

        public Server {
            settings = Map.copyOf(settings);
            settings.keySet().stream()
                    .filter(name -> FIXED.contains(name) || name.startsWith("recovery_"))
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw new IllegalArgumentException(
                                "setting of a drill: "
                                        + name
                                        + " (expected: none that keeps the server apart, or says"
                                        + " what it replays)");
                    });
        }
    }

    /** A query for a database. */
    public record Query(String database, String sql) {}
}
