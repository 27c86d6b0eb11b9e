/**
 * WAL on its way from the repository to PostgreSQL: one file for a restore, or a spool filled ahead
 * for a server in recovery.
 *
 * <p>"Not there" is only ever said after the store has said so.
 */
@NullMarked
package io.matriarch.archiver.fetch;

import org.jspecify.annotations.NullMarked;
