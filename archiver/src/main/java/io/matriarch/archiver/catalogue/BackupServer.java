package io.matriarch.archiver.catalogue;

import io.matriarch.postgres.WalSegmentSize;
import java.util.Optional;

/**
 * The server that a backup was taken from.
 *
 * @param version {@code server_version_num}
 * @param member the member's name
 * @param epoch the cluster's epoch when the backup began
 * @param hasChecksums whether pages were verified
 * @param logsHints {@code wal_log_hints}; empty in a backup of an older version
 */
public record BackupServer(
        int version,
        WalSegmentSize walSegmentSize,
        String member,
        long epoch,
        boolean isStandby,
        boolean hasChecksums,
        Optional<Boolean> logsHints) {

    /** Of which it is not known whether hints are logged. */
    public BackupServer(
            int version,
            WalSegmentSize walSegmentSize,
            String member,
            long epoch,
            boolean isStandby,
            boolean hasChecksums) {
        this(version, walSegmentSize, member, epoch, isStandby, hasChecksums, Optional.empty());
    }

    /**
     * Whether every change of a page shows in its position. Without either, a vacuum marks a page
     * as all-visible and leaves its position as it was.
     */
    public boolean datesPages() {
        return hasChecksums || logsHints.orElse(false);
    }
}
