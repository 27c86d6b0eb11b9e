package io.matriarch.archiver.foreign;

import io.matriarch.archiver.codec.PackedObject;
import io.matriarch.archiver.repository.BackupId;
import java.util.Optional;

/** The names of objects, relative to the prefix. */
final class ForeignLayout {

    static final String BACKUPS = "basebackups_005/";
    static final String WAL = "wal_005/";

    private static final String SENTINEL = "_backup_stop_sentinel.json";

    private ForeignLayout() {}

    static String sentinel(BackupId backup) {
        return BACKUPS + backup + SENTINEL;
    }

    /** The backup whose sentinel has this name; empty if it is none's. */
    static Optional<BackupId> ofSentinel(String key) {
        if (!key.startsWith(BACKUPS) || !key.endsWith(SENTINEL)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new BackupId(
                            key.substring(BACKUPS.length(), key.length() - SENTINEL.length())));
        } catch (IllegalArgumentException stranger) {
            return Optional.empty();
        }
    }

    static String folder(BackupId backup) {
        return BACKUPS + backup + "/";
    }

    static String parts(BackupId backup) {
        return folder(backup) + "tar_partitions/";
    }

    static String metadata(BackupId backup) {
        return folder(backup) + "metadata.json";
    }

    static String filesMetadata(BackupId backup) {
        return folder(backup) + "files_metadata.json";
    }

    /** WAL-E writes the server's version into it, as SQL tells it. */
    static String version(BackupId backup) {
        return folder(backup) + "extended_version.txt";
    }

    /** What an object of the log or of a backup is called, whatever it was packed with. */
    static String fileName(String key) {
        return PackedObject.stem(key.substring(key.lastIndexOf('/') + 1));
    }
}
