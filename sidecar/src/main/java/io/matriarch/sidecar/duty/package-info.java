/** How work that comes round again and again is done, and let alone for a while when it fails. */
@NullMarked
package io.matriarch.sidecar.duty;

import org.jspecify.annotations.NullMarked;
