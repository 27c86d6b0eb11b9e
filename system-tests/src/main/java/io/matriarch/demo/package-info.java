/**
 * The story that {@code make demo} tells: a real cluster on this machine, real data, real deaths,
 * and what each of them cost.
 *
 * <p>Every figure is measured and every claim is checked; the program ends with 0 only if all of
 * them held.
 */
@NullMarked
package io.matriarch.demo;

import org.jspecify.annotations.NullMarked;
