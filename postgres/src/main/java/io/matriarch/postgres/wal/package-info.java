/**
 * What the bytes of the write-ahead log say about themselves.
 *
 * <p>Reads page headers, and of the records those that end transactions; all others are left to
 * PostgreSQL.
 */
@NullMarked
package io.matriarch.postgres.wal;

import org.jspecify.annotations.NullMarked;
