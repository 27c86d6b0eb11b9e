/**
 * What an ambassador asks a primary before a planned switchover: which sessions owe their clients
 * nothing, so that they may be ended without aborting a transaction?
 *
 * <p>Texts and judgement only: no I/O. Questions and answers travel under the cluster's seal.
 */
@NullMarked
package io.matriarch.elector.draining;

import org.jspecify.annotations.NullMarked;
