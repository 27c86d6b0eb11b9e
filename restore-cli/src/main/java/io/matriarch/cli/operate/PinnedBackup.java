package io.matriarch.cli.operate;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.CommandFailure;

/** The backup that a command is about. */
final class PinnedBackup {

    private PinnedBackup() {}

    static BackupId named(String text) {
        try {
            return BackupId.parse(text);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    String.valueOf(e.getMessage()), "'matriarch backups' lists their names");
        }
    }
}
