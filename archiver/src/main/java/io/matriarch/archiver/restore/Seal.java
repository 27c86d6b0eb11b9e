package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.host.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last step of a restore: what makes the directory one that a server starts from. Without
 * {@code global/pg_control} none does, so that file is written last, and in a restore over a
 * directory that had one it goes first.
 */
public final class Seal {

    public static final String CONTROL_FILE = "global/pg_control";

    /** The control file that a directory had before; only until the restore's note is written. */
    static final String FORMER_CONTROL_FILE = "global/pg_control.matriarch";

    static final String BACKUP_LABEL = "backup_label";

    /**
     * The restore makes the links itself; with the map the server would make the old ones again.
     */
    static final String TABLESPACE_MAP = "tablespace_map";

    /** Files of the backup that are not unpacked in passing. */
    public static final Set<String> HELD = Set.of(BACKUP_LABEL, CONTROL_FILE, TABLESPACE_MAP);

    private static final String RECOVERY_SIGNAL = "recovery.signal";
    private static final String STANDBY_SIGNAL = "standby.signal";

    private final RestorePlan plan;
    private final RestoreMode mode;
    private final Path directory;
    private final RestoredFiles files;

    Seal(RestorePlan plan, RestoreOptions options, RestoredFiles files) {
        this.plan = plan;
        this.mode = options.mode();
        this.directory = options.directory();
        this.files = files;
    }

    static boolean isSealed(Path directory) {
        return Files.exists(directory.resolve(CONTROL_FILE));
    }

    /** Whether no server has come to the end of its recovery since. */
    static boolean isRecovering(Path directory) {
        return isSealed(directory) && Files.exists(directory.resolve(RECOVERY_SIGNAL));
    }

    /** Whether no server has done more since than the restore asked for. */
    static boolean isUntouched(Path directory, RestoreMode mode) {
        return switch (mode) {
            case RestoreMode.Recover _ -> isRecovering(directory);
            // The first server renames the label.
            case RestoreMode.AsStandby _ ->
                    isSealed(directory) && Files.exists(directory.resolve(BACKUP_LABEL));
        };
    }

    /** From here on no server starts. */
    static void breakOpen(Path directory) throws IOException {
        Path control = directory.resolve(CONTROL_FILE);
        if (Files.exists(control)) {
            Files.move(
                    control,
                    directory.resolve(FORMER_CONTROL_FILE),
                    StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncName(control);
        }
    }

    /**
     * Makes it whole.
     *
     * @param held the files of {@link #HELD} that the backup has
     * @param tablespaces where each lies
     */
    void close(List<DataFolder> folders, Map<String, byte[]> held, Map<Long, Path> tablespaces)
            throws IOException {
        if (isSealed(directory)) {
            throw new RestoreException(
                    "target directory: "
                            + directory
                            + " was completed by another restore meanwhile",
                    "use it as it is, or restore into another directory");
        }
        byte[] label = held.get(BACKUP_LABEL);
        byte[] control = held.get(CONTROL_FILE);
        if (label == null || control == null) {
            throw new RestoreException(
                    "backup " + plan.backup().id() + ": has no backup_label or no pg_control",
                    "restore from another backup");
        }
        switch (mode) {
            case RestoreMode.Recover _ -> files.write(RECOVERY_SIGNAL, "", "0600");
            case RestoreMode.AsStandby _ -> files.write(STANDBY_SIGNAL, "", "0600");
        }
        Path settings = files.place(RecoverySettings.FILE);
        String before = Files.exists(settings) ? Files.readString(settings) : "";
        files.write(RecoverySettings.FILE, before + RecoverySettings.lines(plan, mode), "0600");
        files.write(BACKUP_LABEL, label, "0600");
        for (DataFolder each : folders) {
            DurableFiles.syncFolder(files.place(each.path()));
        }
        for (Path tablespace : tablespaces.values()) {
            DurableFiles.syncFolder(tablespace);
            DurableFiles.syncName(tablespace);
        }
        DurableFiles.syncFolder(directory);
        DurableFiles.syncName(directory);
        files.write(CONTROL_FILE, control, "0600");
    }
}
