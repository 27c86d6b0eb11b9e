package io.matriarch.cli.drill;

import io.matriarch.archiver.drill.DrillMoment;
import io.matriarch.archiver.drill.DrillOptions;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.server.ProgramOptions;
import io.matriarch.cli.terminal.DurationText;
import io.matriarch.postgres.TimelineId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a drill restores, and how. */
final class DrillOptionGroup {

    /** Short enough to be typed again. */
    private static final int SEEDS = 1_000_000_000;

    @Mixin private final ProgramOptions programs = new ProgramOptions();

    @Option(
            names = "--moment",
            paramLabel = "MOMENT",
            defaultValue = "random",
            description = {
                "random (the default), latest, a time with its offset, or a position.",
                "A random one is a position behind the backup, drawn by the seed."
            })
    private String moment;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draw the same moment as a drill before, of the same archive.")
    private @Nullable Long seed;

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description = "Restore this backup (default: the newest).")
    private @Nullable String backup;

    @Option(
            names = "--timeline",
            paramLabel = "N",
            description = "Along this timeline (default: the one that the cluster is on).")
    private @Nullable String timeline;

    @Option(
            names = "--query",
            paramLabel = "SQL",
            description = {
                "Ask the restored server this: the drill fails if the query does, or if its first",
                "value is a truth value and not true."
            })
    private @Nullable String query;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            defaultValue = "postgres",
            description = "The database of the query (default: ${DEFAULT-VALUE}).")
    private String database;

    @Option(
            names = "--scratch-dir",
            paramLabel = "DIR",
            defaultValue = "/var/tmp",
            description = {
                "Where a private folder is made for it, and removed (default: ${DEFAULT-VALUE}).",
                "It needs room for the whole cluster."
            })
    private Path scratch;

    @Option(
            names = "--owner",
            paramLabel = "USER",
            description = "Who the restored server runs as; needs root.")
    private @Nullable String owner;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "How many objects to fetch, and tables to check, at the same time, 1 to 64"
                            + " (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = {
                "A setting of the restored server, as in shared_buffers=128MB; may be repeated.",
            })
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--check-timeout",
            paramLabel = "TIME",
            converter = DurationText.class,
            defaultValue = "12h",
            description = "How long each check may take (default: ${DEFAULT-VALUE}).")
    private Duration patience;

    @Option(
            names = "--no-space-check",
            description = "Go on even if the disk seems to have too little room.")
    private boolean noSpaceCheck;

    @Option(names = "--keep", description = "Leave the restored directory there, and say where.")
    private boolean keep;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    DrillOptionGroup() {}

    /** What was asked for, if it makes sense. */
    DrillRequest request() {
        Long asked = seed;
        if (asked != null && !moment.equals("random")) {
            throw CommandFailure.usage(
                    "--seed with --moment " + moment + " (expected: with a random moment)",
                    "leave one of them out");
        }
        long drawing = asked == null ? ThreadLocalRandom.current().nextInt(SEEDS) : asked;
        try {
            return new DrillRequest(
                    DrillMoment.parse(moment, drawing),
                    moment,
                    Optional.ofNullable(timeline).map(TimelineId::parse),
                    Optional.ofNullable(backup).map(BackupId::parse));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    String.valueOf(e.getMessage()), "--moment takes " + DrillMoment.TEXTS);
        }
    }

    /** How, after a look at who would run the server. */
    DrillOptions options() throws InterruptedException {
        Optional<String> user = Optional.ofNullable(owner);
        Path place = scratch.toAbsolutePath().normalize();
        // The folder below it is given to that user.
        ProgramOptions.requireUser(new ServerUser(user), place.resolve("drill"), "");
        DrillOptions.Server server;
        try {
            server =
                    new DrillOptions.Server(
                            version -> programs.found(version, user, () -> 1, ""), settings);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()), "leave it out");
        }
        return new DrillOptions(
                place,
                jobs,
                !noSpaceCheck,
                keep,
                server,
                Optional.ofNullable(query).map(sql -> new DrillOptions.Query(database, sql)),
                patience);
    }
}
