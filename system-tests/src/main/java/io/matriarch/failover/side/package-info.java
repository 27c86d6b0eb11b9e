/**
 * Clusters whose primary can be taken from their clients: Matriarch's and Patroni's, each on a
 * ZooKeeper of three servers, behind one {@link io.matriarch.failover.side.Side}.
 */
@NullMarked
package io.matriarch.failover.side;

import org.jspecify.annotations.NullMarked;
