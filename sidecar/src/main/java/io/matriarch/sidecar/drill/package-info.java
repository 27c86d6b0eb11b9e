/**
 * Drills by schedule: a process of its own holds each, for a restore needs more memory than a
 * sidecar has.
 */
@NullMarked
package io.matriarch.sidecar.drill;

import org.jspecify.annotations.NullMarked;
