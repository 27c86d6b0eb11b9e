package io.matriarch.failover.side;

/**
 * One Postgres of a cluster.
 *
 * @param address {@code host:port} of its own, past whatever leads clients to the primary
 */
public record Member(String name, String address) {}
