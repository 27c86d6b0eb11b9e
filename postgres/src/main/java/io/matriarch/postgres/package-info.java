/**
 * PostgreSQL's own values: positions, timelines, segments, identifiers, versions.
 *
 * <p>Each is a record that parses, formats, orders and calculates by itself. Nothing here does I/O.
 */
@NullMarked
package io.matriarch.postgres;

import org.jspecify.annotations.NullMarked;
