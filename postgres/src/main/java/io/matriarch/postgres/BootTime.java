package io.matriarch.postgres;

import java.time.Duration;
import java.util.Locale;

/**
 * A moment on the boot clock, in milliseconds since the machine started: the first field of {@code
 * /proc/uptime}, the same for every container of a host, blind to steps of the wall clock, and
 * counting suspension. The only clock for leases.
 */
public record BootTime(long millis) implements Comparable<BootTime> {

    public static final BootTime ZERO = new BootTime(0);

    /** Reads seconds with up to two decimals, such as {@code 12345.67}. */
    public static BootTime parseSeconds(String text) {
        if (!text.matches("[0-9]{1,12}(\\.[0-9]{1,2})?")) {
            throw new IllegalArgumentException(
                    "boot time: " + text + " (expected: seconds with two decimals)");
        }
        int point = text.indexOf('.');
        if (point < 0) {
            return new BootTime(Long.parseLong(text) * 1000);
        }
        String fraction = (text.substring(point + 1) + "0").substring(0, 2);
        return new BootTime(
                Long.parseLong(text.substring(0, point)) * 1000 + Long.parseLong(fraction) * 10);
    }

    /** Seconds with two decimals, cut off and never rounded up. */
    public String toSeconds() {
        return String.format(Locale.ROOT, "%d.%02d", millis / 1000, millis % 1000 / 10);
    }

    public BootTime plus(Duration duration) {
        return new BootTime(millis + duration.toMillis());
    }

    /** How much later this is than {@code earlier}; negative if it is earlier. */
    public Duration since(BootTime earlier) {
        return Duration.ofMillis(millis - earlier.millis);
    }

    public boolean isAfter(BootTime other) {
        return millis > other.millis;
    }

    /** Whether {@code deadline} has come. */
    public boolean hasReached(BootTime deadline) {
        return millis >= deadline.millis;
    }

    @Override
    public int compareTo(BootTime other) {
        return Long.compare(millis, other.millis);
    }

    @Override
    public String toString() {
        return toSeconds();
    }
}
