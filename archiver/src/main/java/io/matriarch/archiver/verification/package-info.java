/**
 * Reads the archive back and proves it: every object, or a sample that comes round. {@link
 * io.matriarch.archiver.verification.Proofs} says what was proven when, {@link
 * io.matriarch.archiver.verification.Rotation} what is read next, and {@link
 * io.matriarch.archiver.verification.Verification} does it.
 */
@NullMarked
package io.matriarch.archiver.verification;

import org.jspecify.annotations.NullMarked;
