package io.matriarch.archiver.retention;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A policy for one run: what an operator asks for in place of what is configured, by the names
 * under which it travels from the command to the primary's sidecar. The floor cannot be asked for:
 * it is there to stand against a slip of the hand.
 */
public final class RetentionArguments {

    public static final String COUNT = "keep-count";
    public static final String WINDOW = "keep-window";

    private RetentionArguments() {}

    /** The argument's name for a period: {@code keep-daily} and so on. */
    public static String of(Period period) {
        return switch (period) {
            case DAY -> "keep-daily";
            case WEEK, MONTH, YEAR -> "keep-" + period.name().toLowerCase(Locale.ROOT) + "ly";
        };
    }

    /**
     * The configured policy with the arguments in place of what they name.
     *
     * @throws IllegalArgumentException if one is unknown or makes no sense: an unknown one may have
     *     been meant to keep something
     */
    public static RetentionPolicy apply(RetentionPolicy configured, Map<String, String> arguments) {
        int count = configured.count();
        Optional<Duration> window = configured.window();
        Periods periods = configured.periods();
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            switch (argument.getKey()) {
                case COUNT -> count = number(argument);
                case WINDOW -> window = Optional.of(duration(argument));
                default -> periods = periods.with(period(argument), number(argument));
            }
        }
        return new RetentionPolicy(count, window, periods, configured.floor());
    }

    private static Period period(Map.Entry<String, String> argument) {
        for (Period period : Period.values()) {
            if (of(period).equals(argument.getKey())) {
                return period;
            }
        }
        throw new IllegalArgumentException(
                "argument of the pruning: "
                        + argument.getKey()
                        + " is unknown here (expected: a name that this member's version knows)");
    }

    private static int number(Map.Entry<String, String> argument) {
        try {
            return Integer.parseInt(argument.getValue());
        } catch (NumberFormatException e) {
            throw wrong(argument, "a number");
        }
    }

    private static Duration duration(Map.Entry<String, String> argument) {
        try {
            return Duration.parse(argument.getValue());
        } catch (DateTimeParseException e) {
            throw wrong(argument, "a time such as PT168H");
        }
    }

    private static IllegalArgumentException wrong(
            Map.Entry<String, String> argument, String expected) {
        return new IllegalArgumentException(
                "%s: %s (expected: %s)"
                        .formatted(argument.getKey(), argument.getValue(), expected));
    }
}
