/**
 * The HTTP API of a sidecar and of an ambassador: answers from memory, changes nothing.
 *
 * <p>The only user of Micronaut.
 */
@NullMarked
package io.matriarch.sidecar.http;

import org.jspecify.annotations.NullMarked;
