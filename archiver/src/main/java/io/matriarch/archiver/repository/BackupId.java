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
 */
public record BackupId(Instant began, int random) implements Comparable<BackupId> {

    private static final Pattern TEXT = Pattern.compile("([0-9]{8}T[0-9]{6}Z)-([0-9a-f]{8})");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    public BackupId {
        began = Instant.ofEpochSecond(began.getEpochSecond());
    }

    public static BackupId parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw malformed(text);
        }
        try {
            return new BackupId(
                    Instant.from(TIME.parse(matcher.group(1))),
                    Integer.parseUnsignedInt(matcher.group(2), 16));
        } catch (DateTimeParseException e) {
            throw malformed(text);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "backup: " + text + " (expected: a name such as 20261121T083000Z-5f3a09c1)");
    }

    @Override
    public int compareTo(BackupId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return "%s-%08x".formatted(TIME.format(began), random);
    }
}
