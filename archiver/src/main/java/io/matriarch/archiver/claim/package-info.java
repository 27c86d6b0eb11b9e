/**
 * Binding a part of a store to one cluster. What a claim says is told by {@link
 * io.matriarch.archiver.repository.Claim}; here it is taken and read.
 */
@NullMarked
package io.matriarch.archiver.claim;

import org.jspecify.annotations.NullMarked;
