package io.matriarch.archiver.retention;

import io.matriarch.archiver.repository.BackupId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What is promised to be kept. Where the promises differ, the longer one holds.
 *
 * @param count so many of the newest restorable backups; at least one
 * @param window every moment so far back stays reachable
 * @param pinned backups that stay restorable by themselves, whatever their age
 */
public record RetentionPolicy(int count, Optional<Duration> window, Set<BackupId> pinned) {

    public RetentionPolicy {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "retention count: " + count + " (expected: at least 1)");
        }
        if (window.isPresent() && !window.get().isPositive()) {
            throw new IllegalArgumentException(
                    "retention window: " + window.get() + " (expected: a positive duration)");
        }
        pinned = Set.copyOf(pinned);
    }

    public static RetentionPolicy keep(int count) {
        return new RetentionPolicy(count, Optional.empty(), Set.of());
    }

    public RetentionPolicy withWindow(Duration duration) {
        return new RetentionPolicy(count, Optional.of(duration), pinned);
    }

    public RetentionPolicy withPinned(Set<BackupId> backups) {
        return new RetentionPolicy(count, window, backups);
    }
}
