package io.matriarch.postgres.sql;

import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.SystemIdentifier;

/** Who answers at the other end of a connection. */
public record ServerIdentity(
        SystemIdentifier systemIdentifier, PostgresVersion version, boolean isInRecovery) {}
