/** Real PostgreSQL servers for tests. */
@NullMarked
package io.matriarch.archiver.postgresql;

import org.jspecify.annotations.NullMarked;
