/**
 * The commands for what is in a repository: what can be restored, and restoring it. They need no
 * living cluster.
 *
 * <p>Planning and restoring is the archiver's work; here options become its requests, and its
 * answers become text.
 */
@NullMarked
package io.matriarch.cli.restore;

import org.jspecify.annotations.NullMarked;
