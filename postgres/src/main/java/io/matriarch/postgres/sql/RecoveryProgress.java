package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a server's replay has come.
 *
 * @param replayed empty if nothing was replayed since the start
 * @param lastCommit when the last replayed transaction had been committed
 */
public record RecoveryProgress(
        boolean isInRecovery,
        boolean isPaused,
        Optional<Lsn> replayed,
        Optional<Instant> lastCommit) {}
