package io.matriarch.archiver.pace;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast a backup may go at most.
 *
 * @param bytesPerSecond read from the data directory, all threads together
 * @param cpuShare how much of the host's CPU the copying threads may use, from above 0 to 1
 */
public record PaceLimits(OptionalLong bytesPerSecond, OptionalDouble cpuShare) {

    public static final PaceLimits NONE =
            new PaceLimits(OptionalLong.empty(), OptionalDouble.empty());

    /** Slower than this a big file takes so long that its backup could be mistaken for garbage. */
    private static final long SLOWEST = 1L << 20;

    private static final double SMALLEST_SHARE = 0.01;
    private static final Pattern RATE = Pattern.compile("([0-9]{1,9}) ?(kB|MB|GB)/s");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9}) ?(kB|MB|GB)");

    public PaceLimits {
        bytesPerSecond.ifPresent(rate -> require(rate >= SLOWEST, "throttle", rate + " B/s"));
        cpuShare.ifPresent(
                share -> require(share >= SMALLEST_SHARE && share <= 1, "cpu-share", share));
    }

    private static void require(boolean holds, String key, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "backup %s: %s (expected: %s)"
                            .formatted(key, value, key.equals("throttle") ? RATES : SHARES));
        }
    }

    /** What a rate looks like. */
    public static final String RATES = "none, or a rate such as 100MB/s, 1MB/s at least";

    /** What a share looks like. */
    public static final String SHARES = "a share of all CPUs from 0.01 to 1";

    /** What a size looks like. */
    public static final String SIZES = "a size such as 64MB";

    public PaceLimits withThrottle(String text) {
        return new PaceLimits(rate(text), cpuShare);
    }

    public PaceLimits withCpuShare(String text) {
        double share;
        try {
            share = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "backup cpu-share: " + text + " (expected: " + SHARES + ")", e);
        }
        return new PaceLimits(bytesPerSecond, OptionalDouble.of(share));
    }

    private static OptionalLong rate(String text) {
        if (text.equals("none")) {
            return OptionalLong.empty();
        }
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "backup throttle: " + text + " (expected: " + RATES + ")");
        }
        return OptionalLong.of(bytes(matcher));
    }

    /**
     * Bytes of a size such as {@code 64MB}, each unit 1024 times the one before, as PostgreSQL has
     * it.
     *
     * @throws IllegalArgumentException if the text is not one
     */
    public static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("size: " + text + " (expected: " + SIZES + ")");
        }
        return bytes(matcher);
    }

    private static long bytes(Matcher matcher) {
        int shift =
                switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                    case "kb" -> 10;
                    case "mb" -> 20;
                    default -> 30;
                };
        return Long.parseLong(matcher.group(1)) << shift;
    }
}
