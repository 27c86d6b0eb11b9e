/**
 * Carries decisions out, and gathers the situations that they are made from.
 *
 * <p>Every act can be carried out again: killed between any two lines, the next cycle looks at what
 * there is and goes on. What to do is never decided here.
 */
@NullMarked
package io.matriarch.elector.enactment;

import org.jspecify.annotations.NullMarked;
