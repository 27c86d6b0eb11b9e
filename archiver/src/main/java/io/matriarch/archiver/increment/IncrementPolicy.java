package io.matriarch.archiver.increment;

import java.time.Duration;

/**
 * Whether a backup may be incremental.
 *
 * @param type what is wished for; a full backup is taken whenever an incremental one is in doubt
 * @param fullEvery how old the full backup at the beginning of a chain may become
 */
public record IncrementPolicy(BackupType type, Duration fullEvery) {

    public static final IncrementPolicy DEFAULT =
            new IncrementPolicy(BackupType.FULL, Duration.ofDays(7));

    public IncrementPolicy {
        if (!fullEvery.isPositive()) {
            throw new IllegalArgumentException(
                    "backup full-every: " + fullEvery + " (expected: a positive duration)");
        }
    }

    public boolean isIncremental() {
        return type == BackupType.INCREMENTAL;
    }

    public IncrementPolicy withType(BackupType next) {
        return new IncrementPolicy(next, fullEvery);
    }

    public IncrementPolicy withFullEvery(Duration next) {
        return new IncrementPolicy(type, next);
    }
}
