package io.matriarch.archiver.marks;

import io.matriarch.archiver.repository.BackupId;
import java.time.Instant;

/**
 * A person's word that a backup must stay, whatever the policy says: an object of its own, created
 * once and never changed.
 *
 * @param reason for people; may be empty
 */
public record Pin(BackupId backup, String reason, Instant created) {

    private static final int LONGEST_REASON = 1_000;

    public Pin {
        if (reason.length() > LONGEST_REASON) {
            throw new IllegalArgumentException(
                    "reason of a pin: %d characters (expected: at most %d)"
                            .formatted(reason.length(), LONGEST_REASON));
        }
    }
}
