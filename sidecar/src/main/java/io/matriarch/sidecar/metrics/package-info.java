/** What monitoring reads of a sidecar, in the text format of Prometheus. */
@NullMarked
package io.matriarch.sidecar.metrics;

import org.jspecify.annotations.NullMarked;
