/**
 * Models of what surrounds the elector: time, network, ZooKeeper, Postgres, supervisors, hosts,
 * clients. Each behaves as the real thing is known to, the unpleasant ways included; none of them
 * decides anything for the elector.
 *
 * <p>Nothing here knows a clock, a thread or chance, but for what a seed gives.
 */
@NullMarked
package io.matriarch.elector.simulation.model;

import org.jspecify.annotations.NullMarked;
