/**
 * What becomes of each client connection: held, connected, cut, refused.
 *
 * <p>Pure: events come in with the time, effects come out. No sockets, no clock, no threads; bytes
 * are looked at only to tell what a client opens with.
 */
@NullMarked
package io.matriarch.ambassador.core;

import org.jspecify.annotations.NullMarked;
