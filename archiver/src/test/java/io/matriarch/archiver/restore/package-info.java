/** Tests of restores. */
@NullMarked
package io.matriarch.archiver.restore;

import org.jspecify.annotations.NullMarked;
