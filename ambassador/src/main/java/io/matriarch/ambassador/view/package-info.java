/**
 * From views of the cluster to routes and permits: who may be connected to, whose sessions may
 * live.
 *
 * <p>Pure: no I/O, no clock, no threads. A view that is missing, older or unreadable never moves a
 * route; only positive evidence does.
 */
@NullMarked
package io.matriarch.ambassador.view;

import org.jspecify.annotations.NullMarked;
