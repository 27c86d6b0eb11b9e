package io.matriarch.archiver.backup;

import java.util.Locale;

/** What a base backup is at. */
public enum BackupPhase {
    /** The server makes the checkpoint that replay will begin at. */
    BEGINNING,
    /** What an interrupted run has left is compared with the files. */
    RESUMING,
    COPYING,
    /** The archive does not have all WAL of the backup yet. */
    WAITING_FOR_WAL,
    COMPLETING;

    /** In lower case with spaces, for people. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
