/**
 * Incremental base backups: of each relation file the pages that have changed since another backup,
 * in the format of PostgreSQL 17. Which pages those are tells each page's own LSN.
 */
@NullMarked
package io.matriarch.archiver.increment;

import org.jspecify.annotations.NullMarked;
