/**
 * What to do, and why: pure functions from a situation to a decision.
 *
 * <p>No I/O, no clock, no randomness, no threads. The same code runs in production, in the tables
 * of its tests and in the simulator.
 */
@NullMarked
package io.matriarch.elector.decision;

import org.jspecify.annotations.NullMarked;
