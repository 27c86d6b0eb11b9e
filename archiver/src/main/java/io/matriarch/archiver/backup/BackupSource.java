package io.matriarch.archiver.backup;

import io.matriarch.postgres.sql.ServerAddress;
import java.nio.file.Path;

/**
 * What is backed up, and who we are.
 *
 * @param server the server whose files lie in {@code dataDirectory}; primary or standby
 * @param member this member's name
 * @param epoch the cluster's epoch
 */
public record BackupSource(ServerAddress server, Path dataDirectory, String member, long epoch) {}
