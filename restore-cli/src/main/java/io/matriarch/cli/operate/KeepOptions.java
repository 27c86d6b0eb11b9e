package io.matriarch.cli.operate;

import io.matriarch.archiver.retention.Period;
import io.matriarch.archiver.retention.RetentionArguments;
import io.matriarch.cli.terminal.DurationText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What one pruning keeps, in place of what is configured. */
final class KeepOptions {

    @Option(
            names = "--keep-count",
            paramLabel = "N",
            description = "Keep so many of the newest backups (default of all: as configured).")
    private @Nullable Integer count;

    @Option(
            names = "--keep-window",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "Keep every moment so far back, as in 7d.")
    private @Nullable Duration window;

    @Option(
            names = "--keep-daily",
            paramLabel = "N",
            description = "Keep the newest backup of so many days that have one.")
    private @Nullable Integer daily;

    @Option(names = "--keep-weekly", paramLabel = "N", description = "The same of weeks.")
    private @Nullable Integer weekly;

    @Option(names = "--keep-monthly", paramLabel = "N", description = "The same of months.")
    private @Nullable Integer monthly;

    @Option(names = "--keep-yearly", paramLabel = "N", description = "The same of years.")
    private @Nullable Integer yearly;

    /** By the names under which the sidecar knows them; only what was given. */
    Map<String, String> arguments() {
        Map<String, String> arguments = new LinkedHashMap<>();
        put(arguments, RetentionArguments.COUNT, count);
        put(arguments, RetentionArguments.WINDOW, window);
        put(arguments, RetentionArguments.of(Period.DAY), daily);
        put(arguments, RetentionArguments.of(Period.WEEK), weekly);
        put(arguments, RetentionArguments.of(Period.MONTH), monthly);
        put(arguments, RetentionArguments.of(Period.YEAR), yearly);
        return arguments;
    }

    private static void put(Map<String, String> arguments, String name, @Nullable Object value) {
        if (value != null) {
            arguments.put(name, value.toString());
        }
    }
}
