/**
 * What the bytes of the write-ahead log say about themselves.
 *
 * <p>Reads page headers only; records are left to PostgreSQL.
 */
@NullMarked
package io.matriarch.postgres.wal;

import org.jspecify.annotations.NullMarked;
