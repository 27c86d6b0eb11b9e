/** What is known of the own server only by more than one look at it. */
@NullMarked
package io.matriarch.elector.observation;

import org.jspecify.annotations.NullMarked;
