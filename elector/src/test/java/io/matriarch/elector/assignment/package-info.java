/** Who does what was asked for. */
@NullMarked
package io.matriarch.elector.assignment;

import org.jspecify.annotations.NullMarked;
