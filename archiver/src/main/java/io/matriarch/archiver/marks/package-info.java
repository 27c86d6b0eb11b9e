/**
 * Marks about backups, each a small object of its own: pins keep a backup, tombstones say that it
 * is being deleted, and together they decide when both are wanted at once.
 */
@NullMarked
package io.matriarch.archiver.marks;

import org.jspecify.annotations.NullMarked;
