package io.matriarch.archiver.restore;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a restore goes, and how.
 *
 * @param directory absent or empty, or left by the same restore unfinished
 * @param tablespaces new places by object identifier; others go where they were
 * @param owner user that the files will belong to; empty for the current one. Needs root
 * @param parallel objects read at the same time
 * @param isDelta whether the directory may be a data directory of the same cluster, whose files are
 *     kept where they are the backup's and replaced or removed where not
 * @param isRoomChecked whether to refuse where the disks have too little room
 */
public record RestoreOptions(
        Path directory,
        RestoreMode mode,
        Map<Long, Path> tablespaces,
        Optional<String> owner,
        int parallel,
        boolean isDelta,
        boolean isRoomChecked) {

    public RestoreOptions {
        directory = directory.toAbsolutePath().normalize();
        tablespaces = Map.copyOf(tablespaces);
        if (parallel < 1 || parallel > 64) {
            throw new IllegalArgumentException(
                    "restore parallel: " + parallel + " (expected: 1 to 64)");
        }
    }

    /** Into a new directory, if there is room. */
    public RestoreOptions(
            Path directory,
            RestoreMode mode,
            Map<Long, Path> tablespaces,
            Optional<String> owner,
            int parallel) {
        this(directory, mode, tablespaces, owner, parallel, false, true);
    }

    public static RestoreOptions into(Path directory, RestoreMode mode) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new RestoreOptions(
                directory, mode, Map.of(), Optional.empty(), Math.clamp(cores * 2L, 4, 16));
    }

    public RestoreOptions withOwner(String user) {
        return new RestoreOptions(
                directory, mode, tablespaces, Optional.of(user), parallel, isDelta, isRoomChecked);
    }

    public RestoreOptions withTablespaces(Map<Long, Path> places) {
        return new RestoreOptions(directory, mode, places, owner, parallel, isDelta, isRoomChecked);
    }

    public RestoreOptions withParallel(int objects) {
        return new RestoreOptions(
                directory, mode, tablespaces, owner, objects, isDelta, isRoomChecked);
    }

    /** Over what is in the directory already. */
    public RestoreOptions asDelta() {
        return new RestoreOptions(
                directory, mode, tablespaces, owner, parallel, true, isRoomChecked);
    }

    /** Even if the room seems too little. */
    public RestoreOptions withoutRoomCheck() {
        return new RestoreOptions(directory, mode, tablespaces, owner, parallel, isDelta, false);
    }
}
