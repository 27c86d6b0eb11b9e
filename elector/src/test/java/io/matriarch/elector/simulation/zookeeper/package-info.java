/**
 * A model of ZooKeeper, and of a client like Curator: sessions, ticks, followers that lag, answers
 * that are lost.
 */
@NullMarked
package io.matriarch.elector.simulation.zookeeper;

import org.jspecify.annotations.NullMarked;
