package io.matriarch.archiver.catalogue;

import io.matriarch.postgres.WalSegmentSize;

/**
 * The server that a backup was taken from.
 *
 * @param version {@code server_version_num}
 * @param member the member's name
 * @param epoch the cluster's epoch when the backup began
 * @param hasChecksums whether pages were verified
 */
public record BackupServer(
        int version,
        WalSegmentSize walSegmentSize,
        String member,
        long epoch,
        boolean isStandby,
        boolean hasChecksums) {}
