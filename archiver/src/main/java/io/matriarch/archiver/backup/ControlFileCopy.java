package io.matriarch.archiver.backup;

import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.postgres.datadir.ControlFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads {@code global/pg_control} of a running server, which rewrites it in place, as a whole. */
final class ControlFileCopy {

    private static final int TRIES = 10;

    private ControlFileCopy() {}

    static byte[] read(Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve("global/pg_control");
        for (int i = 1; ; i++) {
            byte[] content = Files.readAllBytes(file);
            try {
                ControlFile.parse(content);
                return content;
            } catch (IllegalArgumentException torn) {
                if (i == TRIES) {
                    throw new BackupException(
                            file + ": damaged in " + TRIES + " readings: " + torn.getMessage(),
                            "look into the server's log and check the disk",
                            torn);
                }
            }
        }
    }

    /** A standby may have followed its primary to another timeline meanwhile. */
    static void checkTimeline(byte[] content, BackupWal wal) {
        ControlFile control = ControlFile.parse(content);
        long reached = Math.max(control.timeline().value(), control.minRecoveryTimeline());
        if (reached != wal.timeline().value()) {
            throw new BackupException(
                    "timeline at the end of the backup: "
                            + reached
                            + " (expected: "
                            + wal.timeline()
                            + " as at its beginning)",
                    "there was a change of primary meanwhile; take the backup again");
        }
    }
}
