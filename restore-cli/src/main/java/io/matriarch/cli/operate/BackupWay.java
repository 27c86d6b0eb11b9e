package io.matriarch.cli.operate;

import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.elector.assignment.BackupOrder;
import io.matriarch.elector.assignment.BackupOrigin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From whom one backup is taken, and how; what is not said is as configured. */
final class BackupWay {

    @Option(
            names = "--from",
            paramLabel = "WHOM",
            description = {
                "A member's name, 'standby' or 'primary'",
                "(default: a healthy standby if there is one, else the primary)."
            })
    private @Nullable String from;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = {
                "'full', or 'incremental': only what has changed since the backup before",
                "(and a full one all the same, wherever that is in doubt)."
            })
    private @Nullable String type;

    @Option(
            names = "--throttle",
            paramLabel = "RATE",
            description = "Read at most so fast, as in 100MB/s; 'none' for no limit.")
    private @Nullable String throttle;

    @Option(
            names = "--cpu-share",
            paramLabel = "SHARE",
            description = "Use at most this share of all CPUs for it, as in 0.5.")
    private @Nullable String cpuShare;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Make so many bundles at the same time, 1 to 64.")
    private @Nullable String parallel;

    @Option(
            names = "--zstd-level",
            paramLabel = "N",
            description = "How hard to compress, 1 to 19.")
    private @Nullable String zstdLevel;

    @Option(
            names = "--bundle-size",
            paramLabel = "SIZE",
            description = "Close a bundle when it holds so much, as in 64MB.")
    private @Nullable String bundleSize;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    BackupWay() {}

    /** By the names under which the sidecar knows them. */
    Map<String, String> arguments() {
        Map<String, String> arguments = new LinkedHashMap<>();
        try {
            if (from != null) {
                arguments.put(BackupOrder.FROM, BackupOrigin.parse(from).toString());
            }
            BackupSettings settings = BackupSettings.DEFAULT;
            for (Map.Entry<String, String> entry : said().entrySet()) {
                settings = settings.with(entry.getKey(), entry.getValue());
                arguments.put(entry.getKey(), entry.getValue());
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        return arguments;
    }

    private Map<String, String> said() {
        Map<String, String> said = new LinkedHashMap<>();
        put(said, "type", type);
        put(said, "throttle", throttle);
        put(said, "cpu-share", cpuShare);
        put(said, "parallel", parallel);
        put(said, "zstd-level", zstdLevel);
        put(said, "bundle-size", bundleSize);
        return said;
    }

    private static void put(Map<String, String> said, String key, @Nullable String value) {
        if (value != null) {
            said.put(key, value);
        }
    }
}
