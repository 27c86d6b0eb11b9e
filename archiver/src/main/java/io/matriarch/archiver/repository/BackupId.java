package io.matriarch.archiver.repository;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a base backup, such as {@code 20261121T083000Z-5f3a09c1}: when it began, to the
 * second, and a random number, so that no two are ever the same. It sorts by time for people's
 * eyes; order that matters is taken from {@code backup.json}.
 *
 * <p>The names that WAL-E and WAL-G give are names of backups too, but of none in a repository of
 * our own.
 */
public record BackupId(String text) implements Comparable<BackupId> {

    private static final Pattern TEXT = Pattern.compile("([0-9]{8}T[0-9]{6}Z)-([0-9a-f]{8})");

    private static final Pattern FOREIGN =
            Pattern.compile("base_[0-9A-F]{24}(_D_[0-9A-F]{24}|_[0-9A-Fa-f]{8})?");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    public BackupId {
        if (!isOwn(text) && !FOREIGN.matcher(text).matches()) {
            throw malformed(text);
        }
    }

    public BackupId(Instant began, int random) {
        this("%s-%08x".formatted(TIME.format(began), random));
    }

    /**
     * Reads a name of a backup in a repository of our own.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static BackupId parse(String text) {
        if (!isOwn(text)) {
            throw malformed(text);
        }
        return new BackupId(text);
    }

    private static boolean isOwn(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        try {
            Instant.from(TIME.parse(matcher.group(1)));
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "backup: " + text + " (expected: a name such as 20261121T083000Z-5f3a09c1)");
    }

    /** The end of the name of the object that is created last, and without which it is none. */
    public String mark() {
        return FOREIGN.matcher(text).matches()
                ? "basebackups_005/" + text + "_backup_stop_sentinel.json"
                : "backups/" + text + "/backup.json";
    }

    @Override
    public int compareTo(BackupId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
