/** Tests of what a data directory's files say. */
@NullMarked
package io.matriarch.postgres.datadir;

import org.jspecify.annotations.NullMarked;
