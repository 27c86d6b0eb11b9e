package io.matriarch.archiver.increment;

import java.util.Locale;

/** How much a base backup holds. */
public enum BackupType {
    /** Everything. */
    FULL,
    /** Of relation files what has changed since the backup before, and everything else. */
    INCREMENTAL;

    /** As in the configuration. */
    public static BackupType parse(String text) {
        for (BackupType type : values()) {
            if (type.toString().equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "backup type: " + text + " (expected: full or incremental)");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
