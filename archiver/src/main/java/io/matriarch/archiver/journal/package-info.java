/**
 * What a run that takes a base backup leaves behind for the one that takes over when it is killed:
 * pages that tell which bundles the store has confirmed, and what is in them.
 *
 * <p>A page is a hint, never a proof: whoever takes over compares every file anew.
 */
@NullMarked
package io.matriarch.archiver.journal;

import org.jspecify.annotations.NullMarked;
