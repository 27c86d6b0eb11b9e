package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.postgres.datadir.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the places where a restore is to go, before anything is written. */
final class TargetDirectory {

    private final RestorePlan plan;
    private final RestoreOptions options;

    TargetDirectory(RestorePlan plan, RestoreOptions options) {
        this.plan = plan;
        this.options = options;
    }

    /** What the directory is for this restore. */
    enum State {
        FRESH,
        UNFINISHED,
        COMPLETE
    }

    /** Refuses whatever is not empty, unless it was left by this very restore. */
    State check() {
        Path directory = options.directory();
        if (new DataDirectory(directory).isEmpty()) {
            checkParent(directory);
            tablespaces().values().forEach(this::checkTablespace);
            return State.FRESH;
        }
        Optional<String> note =
                Files.isDirectory(directory) ? RestoreFolder.note(directory) : Optional.empty();
        if (note.isEmpty()) {
            throw new RestoreException(
                    "target directory: " + directory + " is not empty (expected: absent or empty)",
                    "choose another directory; nothing was changed in this one");
        }
        if (!RestoreFolder.isSame(note.get(), RestoreFolder.Note.of(plan, options))) {
            throw new RestoreException(
                    "target directory: "
                            + directory
                            + " holds another restore: "
                            + note.get().replaceAll("\\s+", " ").strip(),
                    "repeat that one, delete the directory, or choose another; nothing was changed");
        }
        return Files.exists(directory.resolve("global/pg_control"))
                ? State.COMPLETE
                : State.UNFINISHED;
    }

    /** Where each tablespace goes. */
    Map<Long, Path> tablespaces() {
        Map<Long, Path> places = new LinkedHashMap<>();
        List<Long> unknown = new ArrayList<>(options.tablespaces().keySet());
        for (Tablespace tablespace : plan.backup().tablespaces()) {
            Path place =
                    options.tablespaces()
                            .getOrDefault(tablespace.oid(), Path.of(tablespace.location()));
            places.put(tablespace.oid(), place.toAbsolutePath().normalize());
            unknown.remove(tablespace.oid());
        }
        if (!unknown.isEmpty()) {
            throw new RestoreException(
                    "tablespaces to be moved: " + unknown + " (expected: of " + places + ")",
                    "see the backup's list of tablespaces");
        }
        return places;
    }

    private static void checkParent(Path directory) {
        Path parent = directory.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new RestoreException(
                    "target directory: " + directory + ": its parent is not a directory",
                    "create " + parent + " first");
        }
    }

    /** Links of a backup may lead into the data of a server that is alive. */
    private void checkTablespace(Path place) {
        boolean isFree = new DataDirectory(place).isEmpty();
        boolean isWithin =
                place.startsWith(options.directory()) || options.directory().startsWith(place);
        if (!isFree || isWithin || isInDataDirectory(place)) {
            throw new RestoreException(
                    "tablespace directory: "
                            + place
                            + (isFree ? " lies within a data directory" : " is not empty")
                            + " (expected: absent or empty, and apart)",
                    "map the tablespace to another directory; nothing was changed in this one");
        }
    }

    private static boolean isInDataDirectory(Path place) {
        for (Path up = place.getParent(); up != null; up = up.getParent()) {
            if (Files.exists(up.resolve("PG_VERSION"))
                    && Files.exists(up.resolve("global/pg_control"))) {
                return true;
            }
        }
        return false;
    }

    /** Compares what will be written with the room that there is, for each file system. */
    void checkRoom(FileManifest manifest) {
        Map<Path, Long> needed = new LinkedHashMap<>();
        Map<Long, Path> tablespaces = tablespaces();
        manifest.files()
                .forEach(file ->
                        needed.merge(placeOf(file.path(), tablespaces), file.size(), Long::sum));
        long wal = plan.wal().size() * plan.backup().server().walSegmentSize().bytes();
        needed.merge(options.directory(), wal, Long::sum);
        Map<Object, Long> byDisk = new LinkedHashMap<>();
        needed.forEach((place, bytes) -> byDisk.merge(disk(place), bytes, Long::sum));
        needed.keySet()
                .forEach(place -> {
                    long bytes = byDisk.getOrDefault(disk(place), 0L);
                    if (bytes > free(place)) {
                        throw new RestoreException(
                                "room for "
                                        + place
                                        + ": "
                                        + free(place)
                                        + " bytes (expected: at least "
                                        + bytes
                                        + ")",
                                "free some room, or choose a directory on another disk");
                    }
                });
    }

    private Path placeOf(String path, Map<Long, Path> tablespaces) {
        return tablespaces.entrySet().stream()
                .filter(entry -> path.startsWith("pg_tblspc/" + entry.getKey() + "/"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(options.directory());
    }

    private static Object disk(Path place) {
        try {
            return Files.getAttribute(existing(place), "unix:dev", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long free(Path place) {
        try {
            return Files.getFileStore(existing(place)).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path existing(Path place) {
        Path up = place;
        while (!Files.exists(up) && up.getParent() != null) {
            up = up.getParent();
        }
        return up;
    }
}
