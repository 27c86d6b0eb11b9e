/**
 * The cluster's record in ZooKeeper: the only user of Curator.
 *
 * <p>Reads, writes under guard, and tells when something changed. Never decides. Callbacks only
 * wake others; they do no work.
 */
@NullMarked
package io.matriarch.elector.cluster;

import org.jspecify.annotations.NullMarked;
