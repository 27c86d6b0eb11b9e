package io.matriarch.cli.terminal;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads spans as the configuration has them: {@code 90s}, {@code 5m}, {@code 12h}. */
public final class DurationText implements ITypeConverter<Duration> {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,6})(s|m|h|d)?");

    @Override
    public Duration convert(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new TypeConversionException(text + " (expected: as in 90s, 5m or 12h)");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            case null, default -> Duration.ofSeconds(amount);
        };
    }
}
