package io.matriarch.postgres.sql;

/**
 * A client's session as {@code pg_stat_activity} shows it.
 *
 * @param host where it comes from, as an IP address
 * @param isWalSender whether it is a replication connection
 * @param isIdle whether it is between two transactions
 * @param awaitsClient whether it has dealt with all that it has read, and waits for more
 * @param changed when its state last changed, as the server writes it
 */
public record ClientSession(
        long pid,
        String host,
        int port,
        boolean isWalSender,
        boolean isIdle,
        boolean awaitsClient,
        String changed) {}
