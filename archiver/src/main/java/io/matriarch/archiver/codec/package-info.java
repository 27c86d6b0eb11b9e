/** How the objects of other archivers were packed, and how that is undone. */
@NullMarked
package io.matriarch.archiver.codec;

import org.jspecify.annotations.NullMarked;
