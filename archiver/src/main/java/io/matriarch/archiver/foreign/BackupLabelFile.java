package io.matriarch.archiver.foreign;

import io.matriarch.postgres.Lsn;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server itself has told of a backup at its end, in the file that it leaves in the log.
 *
 * @param startTime empty where the server's time zone is not UTC: its abbreviation is ambiguous
 * @param stopTime not before any commit in the backup's files
 */
record BackupLabelFile(
        Lsn start, Optional<Lsn> stop, Optional<Instant> startTime, Optional<Instant> stopTime) {

    private static final Pattern LINE =
            Pattern.compile("^(START|STOP) (WAL LOCATION|TIME): (.*)$", Pattern.MULTILINE);
    private static final Pattern UTC = Pattern.compile("([0-9-]{10} [0-9:]{8}) (UTC|GMT|Etc/UTC)");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    /** Reads it; empty if it is not what a server writes. */
    static Optional<BackupLabelFile> parse(String text) {
        Optional<Lsn> start = Optional.empty();
        Optional<Lsn> stop = Optional.empty();
        Optional<Instant> startTime = Optional.empty();
        Optional<Instant> stopTime = Optional.empty();
        Matcher line = LINE.matcher(text);
        while (line.find()) {
            String value = line.group(3);
            switch (line.group(1) + " " + line.group(2)) {
                case "START WAL LOCATION" -> start = position(value);
                case "STOP WAL LOCATION" -> stop = position(value);
                case "START TIME" -> startTime = time(value);
                // Written to the second, and not rounded up.
                case "STOP TIME" -> stopTime = time(value).map(time -> time.plusSeconds(1));
                default -> {}
            }
        }
        if (start.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new BackupLabelFile(start.get(), stop, startTime, stopTime));
    }

    private static Optional<Lsn> position(String value) {
        try {
            return Optional.of(Lsn.parse(value.split(" ", 2)[0]));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> time(String value) {
        Matcher utc = UTC.matcher(value);
        return utc.matches()
                ? Optional.of(LocalDateTime.parse(utc.group(1), TIME).toInstant(ZoneOffset.UTC))
                : Optional.empty();
    }
}
