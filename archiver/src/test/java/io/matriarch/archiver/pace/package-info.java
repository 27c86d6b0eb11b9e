/** How fast a backup may go. */
@NullMarked
package io.matriarch.archiver.pace;

import org.jspecify.annotations.NullMarked;
