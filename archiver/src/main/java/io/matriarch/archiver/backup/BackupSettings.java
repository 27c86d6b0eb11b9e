package io.matriarch.archiver.backup;

import io.matriarch.archiver.increment.BackupType;
import io.matriarch.archiver.increment.IncrementPolicy;
import io.matriarch.archiver.pace.PaceLimits;
import java.time.Duration;
import java.util.List;

/**
 * How a base backup is taken.
 *
 * @param parallel bundles made at the same time, each on a thread of its own
 * @param zstdLevel 1 to 19; higher levels would need a window that plain {@code zstd -d} refuses
 * @param bundleBytes a bundle is closed when it holds this much; a bigger file is a bundle of its
 *     own
 * @param walWait how long the archive may take to have all WAL that the backup needs
 * @param limits how fast it may go
 * @param journalEvery how often it is noted what the store has confirmed, for a run that takes over
 *     if this one is killed
 * @param increments whether it may be incremental
 */
public record BackupSettings(
        int parallel,
        int zstdLevel,
        long bundleBytes,
        Duration walWait,
        PaceLimits limits,
        Duration journalEvery,
        IncrementPolicy increments) {

    /** The names that {@link #with} knows. */
    public static final List<String> KEYS =
            List.of("parallel", "zstd-level", "bundle-size", "throttle", "cpu-share", "type");

    /** Each holds up to 16 MB of a heap that is narrow in a sidecar. */
    private static final int PARALLEL = 2;

    private static final Duration JOURNAL_EVERY = Duration.ofSeconds(20);

    public static final BackupSettings DEFAULT =
            new BackupSettings(PARALLEL, 1, 64L << 20, Duration.ofMinutes(10));

    public BackupSettings {
        require(parallel >= 1 && parallel <= 64, "parallel", parallel, "1 to 64");
        require(zstdLevel >= 1 && zstdLevel <= 19, "zstd-level", zstdLevel, "1 to 19");
        require(bundleBytes >= 1L << 20, "bundle-size", bundleBytes, "at least 1MB");
        require(walWait.isPositive(), "wal-wait", walWait, "a positive duration");
        require(!journalEvery.isNegative(), "journal-every", journalEvery, "a duration");
    }

    /** Without limits. */
    public BackupSettings(int parallel, int zstdLevel, long bundleBytes, Duration walWait) {
        this(
                parallel,
                zstdLevel,
                bundleBytes,
                walWait,
                PaceLimits.NONE,
                JOURNAL_EVERY,
                IncrementPolicy.DEFAULT);
    }

    public BackupSettings withLimits(PaceLimits next) {
        return new BackupSettings(
                parallel, zstdLevel, bundleBytes, walWait, next, journalEvery, increments);
    }

    public BackupSettings withJournalEvery(Duration next) {
        return new BackupSettings(
                parallel, zstdLevel, bundleBytes, walWait, limits, next, increments);
    }

    public BackupSettings withIncrements(IncrementPolicy next) {
        return new BackupSettings(
                parallel, zstdLevel, bundleBytes, walWait, limits, journalEvery, next);
    }

    /**
     * These settings but for one, which has a name and a value as in the configuration.
     *
     * @throws IllegalArgumentException if there is no such setting, or the value is not one for it
     */
    public BackupSettings with(String key, String value) {
        return switch (key) {
            case "parallel" -> withParallel(number(key, value));
            case "zstd-level" -> withZstdLevel(number(key, value));
            case "bundle-size" -> withBundleBytes(size(key, value));
            case "throttle" -> withLimits(limits.withThrottle(value));
            case "cpu-share" -> withLimits(limits.withCpuShare(value));
            case "type" -> withIncrements(increments.withType(BackupType.parse(value)));
            default ->
                    throw new IllegalArgumentException(
                            "backup " + key + ": unknown (expected: one of " + KEYS + ")");
        };
    }

    private static int number(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "backup " + key + ": " + value + " (expected: a whole number)", e);
        }
    }

    private static long size(String key, String value) {
        try {
            return PaceLimits.size(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "backup " + key + ": " + value + " (expected: " + PaceLimits.SIZES + ")", e);
        }
    }

    private BackupSettings withParallel(int next) {
        return new BackupSettings(
                next, zstdLevel, bundleBytes, walWait, limits, journalEvery, increments);
    }

    private BackupSettings withZstdLevel(int next) {
        return new BackupSettings(
                parallel, next, bundleBytes, walWait, limits, journalEvery, increments);
    }

    private BackupSettings withBundleBytes(long next) {
        return new BackupSettings(
                parallel, zstdLevel, next, walWait, limits, journalEvery, increments);
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "backup " + key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
