package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Of how many days, weeks, months and years the newest backup is kept. Periods without a backup do
 * not count: a pause in the backups costs none of the older ones.
 *
 * @param zone whose calendar
 */
public record Periods(Map<Period, Integer> counts, ZoneId zone) {

    /** None of any. */
    public static final Periods NONE = new Periods(Map.of(), ZoneOffset.UTC);

    public Periods {
        EnumMap<Period, Integer> copy = new EnumMap<>(Period.class);
        counts.forEach((period, count) -> {
            if (count < 0) {
                throw new IllegalArgumentException(
                        "retention: newest backup of %d %ss (expected: 0 or more)"
                                .formatted(count, period.name().toLowerCase(Locale.ROOT)));
            }
            if (count > 0) {
                copy.put(period, count);
            }
        });
        counts = copy;
    }

    public int count(Period period) {
        return counts.getOrDefault(period, 0);
    }

    public Periods with(Period period, int count) {
        Map<Period, Integer> changed = new HashMap<>(counts);
        changed.put(period, count);
        return new Periods(changed, zone);
    }

    public boolean isEmpty() {
        return counts.isEmpty();
    }

    /** What of these is the newest of a period that counts: the period, by place in the list. */
    Map<Integer, String> newest(Period period, List<BaseBackup> oldestFirst) {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int i = oldestFirst.size() - 1; i >= 0 && places.size() <= count(period); i--) {
            LocalDate date = oldestFirst.get(i).stopTime().atZone(zone).toLocalDate();
            places.putIfAbsent(period.of(date), i);
        }
        Map<Integer, String> newest = new LinkedHashMap<>();
        places.forEach((name, place) -> {
            if (newest.size() < count(period)) {
                newest.put(place, name);
            }
        });
        return newest;
    }
}
