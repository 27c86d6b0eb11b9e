package io.matriarch.archiver.planning;

import io.matriarch.postgres.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where replay is to end. */
public sealed interface RestoreTarget {

    /** All that the archive has. */
    record Latest() implements RestoreTarget {}

    /** As soon as the data is consistent. */
    record Immediate() implements RestoreTarget {}

    /**
     * A moment.
     *
     * @param isInclusive whether transactions committed at exactly this time are replayed
     */
    record PointInTime(Instant time, boolean isInclusive) implements RestoreTarget {

        public PointInTime {
            // PostgreSQL's clock has microseconds.
            time = time.truncatedTo(ChronoUnit.MICROS);
        }
    }

    /**
     * A position.
     *
     * @param isInclusive whether the record at exactly this position is replayed
     */
    record AtLsn(Lsn lsn, boolean isInclusive) implements RestoreTarget {}

    /** A transaction. */
    record Xid(long xid, boolean isInclusive) implements RestoreTarget {

        public Xid {
            if (xid < 3 || xid > 0xFFFFFFFFL) {
                throw new IllegalArgumentException(
                        "transaction: " + xid + " (expected: 3 to 4294967295)");
            }
        }
    }

    /** What {@code pg_create_restore_point} was given. */
    record RestorePoint(String name) implements RestoreTarget {

        public RestorePoint {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            boolean isPlain = name.codePoints().noneMatch(Character::isISOControl);
            if (bytes == 0 || bytes > 63 || !isPlain) {
                throw new IllegalArgumentException(
                        "restore point: "
                                + (isPlain ? name + " of " + bytes + " bytes" : "control character")
                                + " (expected: 1 to 63 bytes, without control characters)");
            }
        }
    }

    /**
     * Reads a time as people write it: date and time with a blank or a {@code T} between them,
     * seconds and their fraction at will, and an offset, without which nobody knows what is meant.
     *
     * @throws IllegalArgumentException if it is malformed or has no offset
     */
    static PointInTime parseTime(String text, boolean isInclusive) {
        String stripped = text.strip();
        try {
            return new PointInTime(
                    OffsetDateTime.parse(stripped, TimeText.WITH_OFFSET).toInstant(), isInclusive);
        } catch (DateTimeException e) {
            String problem =
                    TimeText.WITHOUT_OFFSET.matcher(stripped).matches()
                            ? " has no offset from UTC"
                            : "";
            throw new IllegalArgumentException(
                    "time: "
                            + text
                            + problem
                            + " (expected: as in 2026-11-21 08:30:00Z or"
                            + " 2026-11-21T09:30:00.5+01:00)",
                    e);
        }
    }

    /** The grammar of {@link #parseTime}. */
    final class TimeText {

        private static final Pattern WITHOUT_OFFSET =
                Pattern.compile("\\d{4}-\\d{2}-\\d{2}([ T]\\d{2}:\\d{2}(:\\d{2}([.,]\\d+)?)?)?");

        private static final DateTimeFormatter WITH_OFFSET =
                new DateTimeFormatterBuilder()
                        .parseCaseInsensitive()
                        .append(DateTimeFormatter.ISO_LOCAL_DATE)
                        .appendPattern("[ ]['T']")
                        .appendPattern("HH:mm")
                        .optionalStart()
                        .appendPattern(":ss")
                        .optionalStart()
                        .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
                        .optionalEnd()
                        .optionalEnd()
                        .appendPattern("[ ]")
                        .optionalStart()
                        .appendOffset("+HH:MM", "Z")
                        .optionalEnd()
                        .optionalStart()
                        .appendOffset("+HHMM", "Z")
                        .optionalEnd()
                        .optionalStart()
                        .appendOffset("+HHmm", "Z")
                        .optionalEnd()
                        .toFormatter(Locale.ROOT)
                        .withResolverStyle(ResolverStyle.STRICT);

        private TimeText() {}
    }
}
