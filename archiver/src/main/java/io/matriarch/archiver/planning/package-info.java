/**
 * What can be restored, and how: targets, what is known of an archive, and the plan that follows
 * from it.
 *
 * <p>{@link io.matriarch.archiver.planning.RestorePlanner} decides from facts alone; {@link
 * io.matriarch.archiver.planning.ArchiveSurvey} collects them. Nothing here writes.
 */
@NullMarked
package io.matriarch.archiver.planning;

import org.jspecify.annotations.NullMarked;
