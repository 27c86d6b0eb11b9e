package io.matriarch.archiver.verification;

import io.matriarch.archiver.pace.PaceLimits;

/**
 * How a verification is done.
 *
 * @param sample how much is read back
 * @param parallel objects read at the same time
 * @param pace how fast it may go at most
 */
public record VerificationOptions(Sample sample, int parallel, PaceLimits pace) {

    public VerificationOptions {
        if (parallel < 1 || parallel > 64) {
            throw new IllegalArgumentException("jobs: " + parallel + " (expected: 1 to 64)");
        }
    }
}
