package io.matriarch.archiver.retention;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/** A stretch of the calendar of which the newest backup may be kept. */
public enum Period {
    DAY {
        @Override
        public String of(LocalDate date) {
            return date.toString();
        }
    },
    /**
     * As ISO 8601 counts: from Monday on, the first of a year is the one with its 4th of January.
     */
    WEEK {
        @Override
        public String of(LocalDate date) {
            String text = DateTimeFormatter.ISO_WEEK_DATE.format(date);
            return text.substring(0, text.lastIndexOf('-'));
        }
    },
    MONTH {
        @Override
        public String of(LocalDate date) {
            return DateTimeFormatter.ofPattern("uuuu-MM").format(date);
        }
    },
    YEAR {
        @Override
        public String of(LocalDate date) {
            return Integer.toString(date.getYear());
        }
    };

    /** The name of the one that a date lies in, such as {@code 2026-W47}. */
    public abstract String of(LocalDate date);
}
