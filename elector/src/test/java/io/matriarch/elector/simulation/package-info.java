/**
 * The elector against every disaster that a seed can make up: histories, what must never happen in
 * them, and defects that are planted to see whether it would be noticed.
 */
@NullMarked
package io.matriarch.elector.simulation;

import org.jspecify.annotations.NullMarked;
