/**
 * Base backups: from a running server's data directory to objects in the repository, and the
 * catalogue of those that are complete.
 *
 * <p>A backup exists when its {@code backup.json} does, and that is written last, from what the
 * store has confirmed. Whether and when to take a backup is decided elsewhere.
 */
@NullMarked
package io.matriarch.archiver.backup;

import org.jspecify.annotations.NullMarked;
