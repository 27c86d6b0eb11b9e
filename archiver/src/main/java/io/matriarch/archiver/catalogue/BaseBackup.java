package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.postgres.SystemIdentifier;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A complete base backup: the content of {@code backup.json}.
 *
 * @param format of this object and all that it names
 * @param label for people
 * @param server what it was taken from
 * @param wal what a restore must replay at least
 * @param objects every object of the backup but {@code backup.json} itself
 */
public record BaseBackup(
        int format,
        BackupId id,
        String label,
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        BackupServer server,
        BackupWal wal,
        BackupTotals totals,
        List<Tablespace> tablespaces,
        List<CorruptPages> corruptPages,
        List<String> skipped,
        List<BackupObject> objects) {

    /** Of full backups. */
    private static final int FULL_FORMAT = 1;

    /** The newest format that this code reads. */
    public static final int FORMAT = 2;

    public BaseBackup {
        if (format < 1 || format > FORMAT) {
            throw new IllegalArgumentException(
                    "backup format: " + format + " (expected: 1 to " + FORMAT + ")");
        }
        tablespaces = List.copyOf(tablespaces);
        corruptPages = List.copyOf(corruptPages);
        skipped = List.copyOf(skipped);
        objects = List.copyOf(objects);
    }

    /**
     * The format of a backup: who does not know of increments must not take one for a data
     * directory.
     */
    public static int format(BackupWal wal) {
        return wal.base().isPresent() ? FORMAT : FULL_FORMAT;
    }

    /** Whether it holds of some files only what has changed since another backup. */
    @JsonIgnore
    public boolean isIncremental() {
        return wal.base().isPresent();
    }

    /** From when on the backup serves: no commit that it contains is later. */
    public Instant stopTime() {
        return wal.stopTime();
    }

    /** From the first file to the last object. */
    public Duration duration() {
        return Duration.between(wal.startTime(), totals.completed());
    }
}
