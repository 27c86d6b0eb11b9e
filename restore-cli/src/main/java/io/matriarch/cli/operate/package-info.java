/**
 * The commands for a cluster that lives: what it is doing, and what an operator asks it to do.
 *
 * <p>They read ZooKeeper's picture of the cluster and leave requests there; the members decide and
 * act.
 */
@NullMarked
package io.matriarch.cli.operate;

import org.jspecify.annotations.NullMarked;
