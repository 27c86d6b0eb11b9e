package io.matriarch.archiver.drill;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.RunningServers;
import io.matriarch.postgres.host.FolderEntries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Servers of the same cluster on this host. Replay makes a tablespace where the cluster has it; if
 * one of these servers has it there, two would write to the same files.
 */
final class Neighbours {

    private Neighbours() {}

    /**
     * Refuses to be beside a server with a tablespace that the backup does not have.
     *
     * @throws RestoreException if there is one
     */
    static void check(RestorePlan plan, RunningServers servers) {
        List<String> moved =
                plan.backup().tablespaces().stream().map(it -> Long.toString(it.oid())).toList();
        for (Path directory : servers.directories()) {
            if (!isOfTheSameCluster(directory, plan)) {
                continue;
            }
            for (Path link : tablespaces(directory)) {
                if (!moved.contains(link.getFileName().toString())) {
                    throw RestoreException.ofThisHost(
                            "tablespace: the server on %s has %s, which was made after backup %s"
                                            .formatted(directory, link, plan.backup().id())
                                    + " (expected: none such, for replay would write to it)",
                            "take a base backup, or hold the drill on a host that has no server of"
                                    + " this cluster",
                            null);
                }
            }
        }
    }

    private static boolean isOfTheSameCluster(Path directory, RestorePlan plan) {
        return new DataDirectory(directory)
                .controlFile()
                .map(ControlFile::systemIdentifier)
                .filter(plan.backup().systemIdentifier()::equals)
                .isPresent();
    }

    private static List<Path> tablespaces(Path directory) {
        try {
            return FolderEntries.of(directory.resolve("pg_tblspc"));
        } catch (IOException hidden) {
            return List.of();
        }
    }
}
