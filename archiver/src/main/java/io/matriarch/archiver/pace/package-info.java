/**
 * How fast a backup may go: limits, and the waiting that keeps them.
 *
 * <p>Knows nothing of backups.
 */
@NullMarked
package io.matriarch.archiver.pace;

import org.jspecify.annotations.NullMarked;
