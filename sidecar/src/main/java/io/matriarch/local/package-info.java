/**
 * {@code matriarch local}: a whole cluster on this machine, every part a process of its own.
 *
 * <p>Here are the commands. What a cluster is to be stands in {@code plan}, how its processes live
 * in {@code process}. Nothing here decides anything about the cluster itself: that is the sidecars'
 * business, exactly as on real machines.
 */
@NullMarked
package io.matriarch.local;

import org.jspecify.annotations.NullMarked;
