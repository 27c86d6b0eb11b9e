/**
 * The processes of a local cluster: how each is started, kept, recognised among all others of the
 * machine, and ended.
 *
 * <p>What the processes do is their own affair.
 */
@NullMarked
package io.matriarch.local.process;

import org.jspecify.annotations.NullMarked;
