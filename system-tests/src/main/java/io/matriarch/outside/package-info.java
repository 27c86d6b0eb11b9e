/**
 * A local cluster seen from outside, the way a script sees it: through the launcher, {@code
 * cluster.json}, SQL, signals and a listing of the repository.
 *
 * <p>Nothing here reaches into a process of the cluster. The demo and the system tests stand on it.
 */
@NullMarked
package io.matriarch.outside;

import org.jspecify.annotations.NullMarked;
