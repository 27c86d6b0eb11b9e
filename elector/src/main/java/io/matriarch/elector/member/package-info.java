/**
 * One member on its machine: its settings, its files, its Postgres over SQL, its threads, and the
 * assembly of them all.
 *
 * <p>Here are the real surroundings of the steps in {@link io.matriarch.elector.enactment}. Nothing
 * is decided here.
 */
@NullMarked
package io.matriarch.elector.member;

import org.jspecify.annotations.NullMarked;
