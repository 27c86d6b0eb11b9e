/**
 * The HTTP API of a sidecar and of an ambassador: answers from memory, but for what sessions owe,
 * for which Postgres is asked. Nothing is changed by what it is asked, but for one thing: a
 * primary's appeal may make a member vow.
 *
 * <p>The only user of Micronaut.
 */
@NullMarked
package io.matriarch.sidecar.http;

import org.jspecify.annotations.NullMarked;
