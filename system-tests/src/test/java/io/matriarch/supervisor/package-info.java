/**
 * The supervisor script against a real PostgreSQL: every promise of {@code
 * docs/control-directory.md} is put to the test from outside, by files, signals and a client's
 * view. Deliberately uses none of the product's own code for the control directory, so that an
 * error common to both sides shows.
 */
@NullMarked
package io.matriarch.supervisor;

import org.jspecify.annotations.NullMarked;
