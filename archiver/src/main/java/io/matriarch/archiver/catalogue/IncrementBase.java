package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.Lsn;

/**
 * The backup that an incremental one is based on.
 *
 * @param backup its name
 * @param start where its replay begins: pages changed before are only there
 * @param manifest SHA-256 of its list of files, by which it is known again
 */
public record IncrementBase(BackupId backup, Lsn start, String manifest) {

    /** As a backup's children name it. */
    public static IncrementBase of(BaseBackup parent) {
        return new IncrementBase(parent.id(), parent.wal().start(), manifest(parent));
    }

    /** Whether a backup is the one that is meant. */
    public boolean isMet(BaseBackup parent) {
        return equals(of(parent));
    }

    private static String manifest(BaseBackup backup) {
        return backup.objects().stream()
                .filter(object -> object.name().equals(FileManifest.NAME))
                .map(BackupObject::sha256)
                .findFirst()
                .orElse("");
    }
}
