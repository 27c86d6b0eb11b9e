/**
 * The sockets. It turns what they report into events and carries out effects; the only Netty.
 *
 * <p>It decides nothing. Established connections copy bytes here without asking anybody.
 */
@NullMarked
package io.matriarch.ambassador.relay;

import org.jspecify.annotations.NullMarked;
