/**
 * Failsafe: a primary goes on without ZooKeeper while everybody who could succeed it vouches for
 * it.
 *
 * <p>A member that vouches vows not to take the authority for as long as a session lasts. Here is
 * kept what a member has vowed, and what a primary has been vowed; why that is enough stands in
 * decision 19. No I/O: time is handed in, and the questions go through {@link
 * io.matriarch.elector.vouching.Electors}.
 */
@NullMarked
package io.matriarch.elector.vouching;

import org.jspecify.annotations.NullMarked;
