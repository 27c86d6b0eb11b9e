/** Tests of how restores are planned. */
@NullMarked
package io.matriarch.archiver.planning;

import org.jspecify.annotations.NullMarked;
