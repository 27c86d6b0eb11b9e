/**
 * Binding a part of a store to one cluster. What a claim says is told by {@link
 * io.matriarch.archiver.repository.Claim}; here it is taken and read, and it is found out whether
 * the store keeps what is written.
 */
@NullMarked
package io.matriarch.archiver.claim;

import org.jspecify.annotations.NullMarked;
