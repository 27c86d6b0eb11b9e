package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The digest of {@code backup.json}, in an object beside it, as {@code sha256sum} writes and checks
 * it. In metadata it would be lost by a copy of the bucket, inside itself no plain tool could check
 * it. It is created first, so whatever has a mark has its sum; older backups have none.
 */
public final class DescriptionSum {

    private static final String END = "  backup.json\n";

    private DescriptionSum() {}

    /** The object's bytes. */
    public static byte[] of(byte[] description) {
        return (Sha256.hex(description) + END).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Compares a description with the sum beside it, if there is one.
     *
     * @throws RepositoryException if they do not belong together, or the sum cannot be read
     */
    static void require(
            ObjectStore store, RepositoryLayout layout, BackupId backup, byte[] description) {
        String key = layout.backupSum(backup);
        Optional<byte[]> sum = WholeObject.read(store, key);
        if (sum.isEmpty()) {
            return;
        }
        String said = new String(sum.get(), StandardCharsets.US_ASCII);
        String expected = new String(of(description), StandardCharsets.US_ASCII);
        if (!said.equals(expected)) {
            throw new RepositoryException(
                    layout.backup(backup),
                    "damaged: SHA-256 "
                            + Sha256.hex(description)
                            + " (expected: \""
                            + said.strip()
                            + "\", as "
                            + key
                            + " has it)",
                    "one of the two has changed: put it back from another copy of the repository",
                    null);
        }
    }
}
