/**
 * Carries out restore plans, and runs a server on what was restored.
 *
 * <p>A directory that a restore has not finished cannot be started: {@code global/pg_control} is
 * the last file written.
 */
@NullMarked
package io.matriarch.archiver.restore;

import org.jspecify.annotations.NullMarked;
