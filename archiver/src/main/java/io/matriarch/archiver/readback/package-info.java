/** Reads what base backups hold back out of the archive, and proves it on the way. */
@NullMarked
package io.matriarch.archiver.readback;

import org.jspecify.annotations.NullMarked;
