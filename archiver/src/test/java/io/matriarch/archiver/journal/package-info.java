/** What a killed run leaves behind. */
@NullMarked
package io.matriarch.archiver.journal;

import org.jspecify.annotations.NullMarked;
