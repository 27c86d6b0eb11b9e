/** Tests of how a backup is taken. */
@NullMarked
package io.matriarch.archiver.backup;

import org.jspecify.annotations.NullMarked;
