package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.increment.IncrementPolicy;
import java.util.Optional;

/** How base backups are taken, as the section {@code backup} says. */
final class BackupSection {

    private BackupSection() {}

    static BackupSettings settings(Section backup) {
        BackupSettings settings = BackupSettings.DEFAULT;
        for (String key : BackupSettings.KEYS) {
            Optional<String> value = backup.text(key);
            if (value.isPresent()) {
                settings = with(settings, key, value.get());
            }
        }
        return withFullEvery(backup, settings);
    }

    private static BackupSettings withFullEvery(Section backup, BackupSettings settings) {
        IncrementPolicy policy = settings.increments();
        try {
            return settings.withIncrements(
                    policy.withFullEvery(backup.duration("full-every", policy.fullEvery())));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    private static BackupSettings with(BackupSettings settings, String key, String value) {
        try {
            return settings.with(key, value);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
