package io.matriarch.postgres.datadir;

import io.matriarch.postgres.host.FolderEntries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The servers whose processes this one can see: each of them works in its data directory. Those of
 * other users are seen by root alone, those in other containers often by nobody.
 *
 * @param directories real paths of data directories
 */
public record RunningServers(Set<Path> directories) {

    public RunningServers {
        directories = Set.copyOf(directories);
    }

    /** Looks at the processes of this host. */
    public static RunningServers ofThisHost() {
        Set<Path> directories = new HashSet<>();
        try {
            // What is no process works nowhere.
            for (Path process : FolderEntries.of(Path.of("/proc"))) {
                workingDirectory(process)
                        .filter(it -> Files.exists(it.resolve("PG_VERSION")))
                        .filter(it -> Files.exists(it.resolve("postmaster.pid")))
                        .ifPresent(directories::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RunningServers(directories);
    }

    private static Optional<Path> workingDirectory(Path process) {
        try {
            return Optional.of(process.resolve("cwd").toRealPath());
        } catch (IOException goneOrHidden) {
            return Optional.empty();
        }
    }

    public boolean runsOn(Path directory) {
        return directories.contains(real(directory));
    }

    /**
     * The data directory of another server than {@code own} with a tablespace, or its WAL, at, in
     * or above a place.
     */
    public Optional<Path> userOf(Path place, Path own) {
        Path wanted = real(place);
        return directories.stream()
                .filter(directory -> !directory.equals(real(own)))
                .filter(directory ->
                        placesOf(directory).stream()
                                .anyMatch(it -> it.startsWith(wanted) || wanted.startsWith(it)))
                .findFirst();
    }

    private static List<Path> placesOf(Path directory) {
        List<Path> places = new ArrayList<>();
        places.add(real(directory.resolve("pg_wal")));
        try {
            FolderEntries.of(directory.resolve("pg_tblspc"))
                    .forEach(link -> places.add(real(link)));
        } catch (IOException hidden) {
            return places;
        }
        return places;
    }

    /** A path without links, as far as it exists. */
    public static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        for (Path up = absolute; up != null; up = up.getParent()) {
            try {
                return up.toRealPath().resolve(up.relativize(absolute)).normalize();
            } catch (IOException absent) {
                // Its parent, then.
            }
        }
        return absolute;
    }
}
