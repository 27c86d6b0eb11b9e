package io.matriarch.sidecar.configuration;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Once a day, or never.
 *
 * @param at the time of day in UTC; absent for never
 */
public record Schedule(@Nullable LocalTime at) {

    private static final String DAILY = "daily at ";

    /** Reads {@code daily at 02:00} or {@code never}. */
    public static Schedule parse(String text) {
        if (text.equals("never")) {
            return new Schedule(null);
        }
        if (!text.startsWith(DAILY)) {
            throw new IllegalArgumentException(
                    "schedule: " + text + " (expected: daily at HH:MM, or never)");
        }
        try {
            return new Schedule(LocalTime.parse(text.substring(DAILY.length())));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "schedule: " + text + " (expected: daily at HH:MM, or never)", e);
        }
    }

    /** The latest moment up to {@code now} at which something was due. */
    public Optional<Instant> lastDue(Instant now) {
        LocalTime time = at;
        if (time == null) {
            return Optional.empty();
        }
        OffsetDateTime today = now.atOffset(ZoneOffset.UTC).with(time);
        OffsetDateTime due = today.toInstant().isAfter(now) ? today.minusDays(1) : today;
        return Optional.of(due.toInstant());
    }
}
