/**
 * The files of a data directory that say what it is: control file, timeline histories, backup
 * label.
 *
 * <p>Parsing is pure; reading goes through {@link io.matriarch.postgres.datadir.DataDirectory}.
 * Nothing here changes a data directory.
 */
@NullMarked
package io.matriarch.postgres.datadir;

import org.jspecify.annotations.NullMarked;
