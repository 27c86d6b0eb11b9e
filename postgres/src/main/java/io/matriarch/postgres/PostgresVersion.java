package io.matriarch.postgres;

/**
 * A server version by its {@code server_version_num}, and every difference between major versions
 * that this project depends on. Supported: 14 to 18.
 */
public record PostgresVersion(int number) {

    public static final int OLDEST_MAJOR = 14;
    public static final int NEWEST_MAJOR = 18;

    public static PostgresVersion ofMajor(int major) {
        return new PostgresVersion(major * 10_000);
    }

    public int major() {
        return number / 10_000;
    }

    public boolean isSupported() {
        return major() >= OLDEST_MAJOR && major() <= NEWEST_MAJOR;
    }

    /** Up to 15 {@code promote_trigger_file} names a file whose appearance promotes a standby. */
    public boolean hasPromoteTriggerFile() {
        return major() <= 15;
    }

    /** From 15 on a backup is bracketed by {@code pg_backup_start} and {@code pg_backup_stop}. */
    public boolean hasBackupStartAndStop() {
        return major() >= 15;
    }

    @Override
    public String toString() {
        return major() + "." + number % 10_000;
    }
}
