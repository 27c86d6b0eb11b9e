/**
 * Puts the modules together into processes: the sidecar, and the ambassador that stands alone.
 *
 * <p>No logic of its own: what is decided here is which part knows which.
 */
@NullMarked
package io.matriarch.sidecar.assembly;

import org.jspecify.annotations.NullMarked;
