package io.matriarch.archiver.repository;

import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Instant;

/**
 * The content of {@code claim.json}: which cluster a part of the repository belongs to. It is
 * created once and never changed, so a copy of a cluster cannot write into the archive of the one
 * that it was copied from.
 *
 * @param owner tells copies of a cluster apart, which share name and system identifier: made once
 *     when the cluster was, and kept where no copy of its data takes it along
 */
public record Claim(
        int format,
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        String owner,
        WalSegmentSize walSegmentSize,
        Instant created) {

    public static final int FORMAT = 1;

    public Claim {
        if (format < 1 || owner.isBlank()) {
            throw new IllegalArgumentException(
                    "claim: format " + format + ", owner " + owner + " (expected: 1, not blank)");
        }
    }

    public static Claim of(
            RepositoryLayout layout, String owner, WalSegmentSize walSegmentSize, Instant created) {
        return new Claim(
                FORMAT,
                layout.cluster(),
                layout.systemIdentifier(),
                owner,
                walSegmentSize,
                created);
    }
}
