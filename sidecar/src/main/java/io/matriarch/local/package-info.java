/**
 * {@code matriarch local}: a whole cluster on this machine, every part a process of its own.
 *
 * <p>It plans ports and secrets, writes the parts' configuration, starts them through one keeper
 * process, shows them and ends them. It decides nothing about the cluster itself: that is the
 * sidecars' business, exactly as on real machines.
 */
@NullMarked
package io.matriarch.local;

import org.jspecify.annotations.NullMarked;
