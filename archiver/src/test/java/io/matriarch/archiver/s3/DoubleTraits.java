package io.matriarch.archiver.s3;

import java.time.Duration;

/**
 * What kind of server the double is.
 *
 * @param honoursConditions whether {@code If-None-Match} means anything
 * @param knowsChecksums whether it understands the checksums that came to S3 late
 * @param isLocked whether the bucket retains each version for a time (object lock)
 * @param parts how many parts an upload may have
 * @param page how many keys one listing shows
 * @param clock how far its clock is ahead; with 15 minutes and more it matters
 */
public record DoubleTraits(
        boolean honoursConditions,
        boolean knowsChecksums,
        boolean isLocked,
        int parts,
        int page,
        Duration clock) {

    public static final DoubleTraits AMAZON =
            new DoubleTraits(true, true, false, 10_000, 1_000, Duration.ZERO);

    public DoubleTraits withoutConditions() {
        return new DoubleTraits(false, knowsChecksums, isLocked, parts, page, clock);
    }

    public DoubleTraits withoutChecksums() {
        return new DoubleTraits(honoursConditions, false, isLocked, parts, page, clock);
    }

    public DoubleTraits locked() {
        return new DoubleTraits(honoursConditions, knowsChecksums, true, parts, page, clock);
    }

    public DoubleTraits withParts(int most) {
        return new DoubleTraits(honoursConditions, knowsChecksums, isLocked, most, page, clock);
    }

    public DoubleTraits withPage(int keys) {
        return new DoubleTraits(honoursConditions, knowsChecksums, isLocked, parts, keys, clock);
    }

    public DoubleTraits withClockAhead(Duration ahead) {
        return new DoubleTraits(honoursConditions, knowsChecksums, isLocked, parts, page, ahead);
    }
}
