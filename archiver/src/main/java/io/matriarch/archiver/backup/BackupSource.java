package io.matriarch.archiver.backup;

import io.matriarch.postgres.sql.ServerAddress;
import java.nio.file.Path;

/**
 * What is backed up, and who we are.
 *
 * @param server the server whose files lie in {@code dataDirectory}; primary or standby
 * @param member this member's name
 * @param epoch the cluster's epoch
 * @param lock a file outside the data directory, by which one run at a time is ensured
 */
public record BackupSource(
        ServerAddress server, Path dataDirectory, String member, long epoch, Path lock) {

    /** The lock lies beside the data directory. */
    public BackupSource(ServerAddress server, Path dataDirectory, String member, long epoch) {
        this(
                server,
                dataDirectory,
                member,
                epoch,
                dataDirectory.resolveSibling(dataDirectory.getFileName() + ".backup-lock"));
    }
}
