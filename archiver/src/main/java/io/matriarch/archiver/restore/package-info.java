/**
 * Restores: what can be reached, how, and the way there.
 *
 * <p>{@link io.matriarch.archiver.restore.RestorePlanner} decides, from facts alone; {@link
 * io.matriarch.archiver.restore.RestoreRun} carries out. A directory that a restore has not
 * finished cannot be started: {@code global/pg_control} is the last file written.
 */
@NullMarked
package io.matriarch.archiver.restore;

import org.jspecify.annotations.NullMarked;
