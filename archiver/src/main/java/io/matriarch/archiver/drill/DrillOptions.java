package io.matriarch.archiver.drill;

import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.postgres.PostgresVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

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

        public Server {
            settings = Map.copyOf(settings);
        }
    }

    /** A query for a database. */
    public record Query(String database, String sql) {}
}
