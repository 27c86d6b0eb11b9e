/**
 * WAL on its way from {@code pg_wal} into the repository: what PostgreSQL asks for by {@code
 * archive_command}, and what a new primary finds unarchived.
 *
 * <p>Only reads {@code pg_wal} and {@code archive_status}; never decides who may push.
 */
@NullMarked
package io.matriarch.archiver.push;

import org.jspecify.annotations.NullMarked;
