package io.matriarch.archiver.catalogue;

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

    /** The format that this code writes, and the newest that it reads. */
    public static final int FORMAT = 1;

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

    /** From when on the backup serves: no commit that it contains is later. */
    public Instant stopTime() {
        return wal.stopTime();
    }

    /** From the first file to the last object. */
    public Duration duration() {
        return Duration.between(wal.startTime(), totals.completed());
    }
}
