/**
 * What a client sees when the primary is lost, measured beside Patroni ({@code make
 * bench-failover}), and the same faults at random for as long as one likes ({@code make soak}).
 *
 * <p>Real processes, real signals, and clients that remember every commit that was acknowledged to
 * them. {@link io.matriarch.failover.Fault} is what befalls a primary, {@link
 * io.matriarch.failover.side.Side} whose primary it is, {@link io.matriarch.failover.Round} what
 * clients lived through.
 */
@NullMarked
package io.matriarch.failover;

import org.jspecify.annotations.NullMarked;
