package io.matriarch.postgres.sql;

import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;

/**
 * Who answers at the other end of a connection.
 *
 * @param hasUsualBlocks whether it was built with pages of 8 KB and files of 1 GB
 */
public record ServerIdentity(
        SystemIdentifier systemIdentifier,
        PostgresVersion version,
        boolean isInRecovery,
        boolean hasUsualBlocks) {}
