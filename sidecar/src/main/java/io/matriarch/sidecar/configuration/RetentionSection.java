package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.retention.Period;
import io.matriarch.archiver.retention.Periods;
import io.matriarch.archiver.retention.RetentionPolicy;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The section {@code retention:}, which sidecars and the operator's commands read alike. */
final class RetentionSection {

    private RetentionSection() {}

    static RetentionPolicy policy(Section root) {
        refuseOldKeys(root.section("backup"));
        Section section = root.section("retention");
        RetentionPolicy usual = RetentionPolicy.DEFAULT;
        int count = section.number("count", usual.count());
        int floor = section.number("floor", usual.floor());
        if (section.has("count") && section.has("floor") && count > 0 && count < floor) {
            throw new ConfigurationException(
                    "retention.count: %d is less than retention.floor: %d (expected: count 0, or at least the floor)"
                            .formatted(count, floor));
        }
        try {
            return new RetentionPolicy(count, window(section, usual), periods(section), floor);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** When the archive is pruned, besides after each scheduled backup. */
    static Schedule schedule(Section root) {
        return root.section("retention")
                .optional(
                        "schedule",
                        Schedule.parse("daily at 03:00"),
                        "daily at HH:MM (UTC), or never",
                        Schedule::parse);
    }

    private static Optional<Duration> window(Section section, RetentionPolicy usual) {
        return section.text("window").filter("none"::equals).isPresent()
                ? Optional.empty()
                : usual.window().map(otherwise -> section.duration("window", otherwise));
    }

    private static Periods periods(Section section) {
        Map<Period, Integer> counts = new HashMap<>();
        counts.put(Period.DAY, section.number("daily", 0));
        counts.put(Period.WEEK, section.number("weekly", 0));
        counts.put(Period.MONTH, section.number("monthly", 0));
        counts.put(Period.YEAR, section.number("yearly", 0));
        ZoneId zone =
                section.optional(
                        "zone",
                        ZoneOffset.UTC,
                        "UTC, or a zone such as Europe/Zurich",
                        RetentionSection::zone);
        return new Periods(counts, zone);
    }

    private static ZoneId zone(String text) {
        try {
            return text.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Nobody must believe that something is kept because an old key says so. */
    private static void refuseOldKeys(Section backup) {
        for (String key : new String[] {"count", "window"}) {
            if (backup.has("keep-" + key)) {
                throw new ConfigurationException(
                        "backup.keep-%s: not read any more (expected: retention.%s)"
                                .formatted(key, key));
            }
        }
    }
}
