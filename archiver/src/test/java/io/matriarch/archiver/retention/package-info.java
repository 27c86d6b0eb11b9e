/** Tests of retention. */
@NullMarked
package io.matriarch.archiver.retention;

import org.jspecify.annotations.NullMarked;
