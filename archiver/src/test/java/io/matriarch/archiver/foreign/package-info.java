/** Repositories of WAL-E and WAL-G, made by their documented layouts, and restored. */
@NullMarked
package io.matriarch.archiver.foreign;

import org.jspecify.annotations.NullMarked;
