/** Tests of what is read back. */
@NullMarked
package io.matriarch.archiver.readback;

import org.jspecify.annotations.NullMarked;
