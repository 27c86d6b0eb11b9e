package io.matriarch.archiver.foreign;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.restore.RestoredFiles;
import java.io.IOException;
import java.nio.file.Files;

/**
 * Settings for a data directory that has come without: WAL-E leaves them out of every backup, and
 * where they lie outside of the data directory WAL-G does not see them.
 */
final class ForeignSettings {

    private ForeignSettings() {}

    static void writeIfMissing(RestoredFiles files, String name, BackupId backup)
            throws IOException {
        if (Files.exists(files.place(name))) {
            return;
        }
        String content = "# Not in backup " + backup + ": written by the restore.\n";
        if (name.equals("pg_hba.conf")) {
            content +=
                    """
                    local all all                peer
                    host  all all 127.0.0.1/32   scram-sha-256
                    host  all all ::1/128        scram-sha-256
                    """;
        }
        files.write(name, content, "0600");
    }
}
