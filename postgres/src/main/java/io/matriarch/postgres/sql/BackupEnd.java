package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.BackupLabel;
import java.time.Instant;

/**
 * What the server hands over when a base backup ends.
 *
 * @param stop a server that starts on the backup must replay up to here
 * @param tablespaceMap content of {@code tablespace_map}; empty without tablespaces
 * @param time of the server's clock, and not before any commit that the backup contains
 */
public record BackupEnd(Lsn stop, BackupLabel label, String tablespaceMap, Instant time) {}
