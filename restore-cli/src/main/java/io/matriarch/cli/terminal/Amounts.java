package io.matriarch.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Sizes, times and spans as a person reads them. */
public final class Amounts {

    /** With PostgreSQL's meaning: each is 1024 of the one before. */
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ssX").withZone(ZoneOffset.UTC);

    private Amounts() {}

    /** As in {@code 512 B} or {@code 1.5 GB}. */
    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.size() - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : String.format(Locale.ROOT, "%.1f %s", amount, UNITS.get(unit));
    }

    /** As in {@code 1 segment} or {@code 2 segments}. */
    public static String count(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** As in {@code 0.84 s}, {@code 12 s}, {@code 3 min 20 s} or {@code 2 d 4 h}. */
    public static String span(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.2f s", span.toMillis() / 1000.0);
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + rest(seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return seconds / 3600 + " h" + rest(seconds % 3600 / 60, "min");
        }
        return seconds / 86_400 + " d" + rest(seconds % 86_400 / 3600, "h");
    }

    private static String rest(long amount, String unit) {
        return amount == 0 ? "" : " " + amount + " " + unit;
    }

    /** The same, in whole seconds at the finest: for guesses. */
    static String roughly(Duration span) {
        return span.toSeconds() < 10 ? Math.max(1, span.toSeconds()) + " s" : span(span);
    }

    /** How long ago; two clocks may differ. */
    public static String ago(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        return age.toSeconds() < 1 ? "just now" : roughly(age) + " ago";
    }

    /** To the second, in UTC, in a form that {@code --point-in-time} takes. */
    public static String time(Instant time) {
        return TIME.format(time);
    }

    /** The same, never before {@code time}. */
    public static String timeNotBefore(Instant time) {
        Instant whole = time.truncatedTo(ChronoUnit.SECONDS);
        return TIME.format(whole.equals(time) ? whole : whole.plusSeconds(1));
    }
}
