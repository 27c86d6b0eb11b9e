/**
 * Everything a decision may look at, as immutable records.
 *
 * <p>No I/O, no clock, no logic beyond what a value knows of itself.
 */
@NullMarked
package io.matriarch.elector.situation;

import org.jspecify.annotations.NullMarked;
