/**
 * Virtual time, what runs on it, and all the chance that there is: the same seed gives the same
 * history, on one thread.
 */
@NullMarked
package io.matriarch.elector.simulation.time;

import org.jspecify.annotations.NullMarked;
