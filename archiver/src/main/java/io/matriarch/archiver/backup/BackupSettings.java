package io.matriarch.archiver.backup;

import java.time.Duration;

/**
 * How a base backup is taken.
 *
 * @param parallel bundles made at the same time, each on a thread of its own
 * @param zstdLevel 1 to 19; higher levels would need a window that plain {@code zstd -d} refuses
 * @param bundleBytes a bundle is closed when it holds this much; a bigger file is a bundle of its
 *     own
 * @param walWait how long the archive may take to have all WAL that the backup needs
 */
public record BackupSettings(int parallel, int zstdLevel, long bundleBytes, Duration walWait) {

    public static final BackupSettings DEFAULT =
            new BackupSettings(
                    Math.max(2, Runtime.getRuntime().availableProcessors()),
                    1,
                    64L << 20,
                    Duration.ofMinutes(10));

    public BackupSettings {
        require(parallel >= 1 && parallel <= 64, "parallel", parallel, "1 to 64");
        require(zstdLevel >= 1 && zstdLevel <= 19, "zstd-level", zstdLevel, "1 to 19");
        require(bundleBytes >= 1L << 20, "bundle-bytes", bundleBytes, "at least 1048576");
        require(walWait.isPositive(), "wal-wait", walWait, "a positive duration");
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "backup " + key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
