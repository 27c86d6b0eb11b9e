package io.matriarch.cli.restore;

import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.Reachable;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.restore.RestoreFolder;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.archiver.restore.RestoreReport;
import io.matriarch.archiver.restore.RestoreRun;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Progress;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch restore}, also {@code restore}: a cluster's data as of any moment. */
@Command(
        name = "restore",
        description = {
            "Restores a cluster's data as of any archived moment into a new directory, or over an",
            "old one of the same cluster.",
            "A restore that was interrupted goes on when it is run again."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  restore list --config /etc/matriarch.yaml",
            "  restore --config /etc/matriarch.yaml --point-in-time '2026-11-21 08:29:59Z'"
                    + " --target-dir /data/restored --dry-run",
            "  restore --repository s3://bucket/prefix --latest --target-dir /data/restored"
                    + " --start --owner postgres",
            "  restore --from wal-g://bucket/prefix --latest --target-dir /data/restored"
        })
public final class RestoreCommand implements Callable<Integer> {

    @Mixin private final SourceOptions sources;
    @Mixin private final TargetOptions target = new TargetOptions();
    @Mixin private final PlaceOptions place = new PlaceOptions();
    @Mixin private final ServerOptions server = new ServerOptions();

    @Option(names = "--list", description = "Say what can be restored, and do nothing.")
    private boolean list;

    @Option(names = "--dry-run", description = "Make the plan, check the target, and stop there.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public RestoreCommand(ConfigurationReader reader) {
        this.sources = new SourceOptions(reader);
    }

    /** All that is settled before anything is written. */
    private record Prepared(RestoreOptions options, @Nullable ServerPrograms programs) {}

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        if (list) {
            RestoreListCommand.show(Survey.contents(sources, terminal), terminal, json);
            return ExitStatus.DONE.code();
        }
        RestoreRequest request = target.request();
        Path directory = place.directory();
        try (Source source = sources.open(terminal)) {
            RestorePlan plan = plan(request, directory, source);
            Prepared prepared = prepare(plan);
            RestoreText text = new RestoreText(terminal, place.directory(), place.user());
            try (RestoreRun run =
                    checked(source.archive(), plan, prepared.options(), server.isStreamed())) {
                if (!json) {
                    text.plan(plan);
                }
                RestoreResult result = result(run, plan, prepared, terminal, text);
                conclude(terminal, text, result.withAdvice(source.afterwards()));
            }
        }
        return ExitStatus.DONE.code();
    }

    private static RestorePlan plan(RestoreRequest request, Path directory, Source source) {
        RestorePlanner planner = new RestorePlanner(source.facts());
        return switch (planner.plan(request, RestoreFolder.begun(directory))) {
            case Planning.Planned(var plan) -> plan;
            case Planning.Refused(var reason, var hint, var reachable) ->
                    throw CommandFailure.refused(
                            reason,
                            hint + (reachable.isEmpty() ? "" : "; reachable: " + words(reachable)));
        };
    }

    private static String words(List<Reachable> stretches) {
        return stretches.stream().map(Reachable::toString).collect(Collectors.joining(", "));
    }

    private Prepared prepare(RestorePlan plan) throws InterruptedException {
        PostgresVersion version = new PostgresVersion(plan.backup().server().version());
        ServerPrograms programs = server.isStarted() ? server.programs(version, place) : null;
        return new Prepared(place.options(plan.backup(), server.mode()), programs);
    }

    private RestoreResult result(
            RestoreRun run,
            RestorePlan plan,
            Prepared prepared,
            Terminal terminal,
            RestoreText text)
            throws InterruptedException {
        if (dryRun) {
            return RestoreResult.of(plan, prepared.options().directory());
        }
        if (server.isStreamed()) {
            return streamed(run, prepared, terminal, text);
        }
        return start(restore(run, terminal, Optional.empty()), prepared, text);
    }

    /** What is refused before the first byte is written is a refusal, not a failure. */
    private static RestoreRun checked(
            RestoreSource source, RestorePlan plan, RestoreOptions options, boolean isStreamed) {
        try {
            RestoreRun run = new RestoreRun(source, plan, options);
            run.check(isStreamed);
            return run;
        } catch (RestoreException e) {
            throw new CommandFailure(
                    ExitStatus.REFUSED, String.valueOf(e.getMessage()), e.hint(), e);
        }
    }

    /** The server replays while its WAL still comes, and comes only for as long as we are here. */
    private RestoreResult streamed(
            RestoreRun run, Prepared prepared, Terminal terminal, RestoreText text)
            throws InterruptedException {
        try (PlannedWal stream = run.stream()) {
            RestoreReport report = restore(run, terminal, Optional.of(stream));
            try {
                return start(report, prepared, text);
            } catch (RestoreException e) {
                // What the server says is that it got no segment; why, the stream knows.
                throw stream.failure().orElse(e);
            }
        }
    }

    private static RestoreReport restore(
            RestoreRun run, Terminal terminal, Optional<PlannedWal> stream)
            throws InterruptedException {
        try (Progress progress = Progress.show(terminal, "restoring")) {
            return stream.isPresent()
                    ? run.run(progress::onBytes, stream.get())
                    : run.run(progress::onBytes);
        }
    }

    private RestoreResult start(RestoreReport report, Prepared prepared, RestoreText text)
            throws InterruptedException {
        RestoreResult restored = RestoreResult.of(report, prepared.options().directory());
        ServerPrograms programs = prepared.programs();
        if (!json) {
            text.restored(report);
        }
        if (programs == null) {
            return restored;
        }
        RestoredServer running = RestoredServer.start(prepared.options().directory(), programs);
        RecoveryOutcome outcome = running.follow(text::recovering);
        return restored.withServer(running.port(), running.logFile(), outcome);
    }

    private void conclude(Terminal terminal, RestoreText text, RestoreResult result) {
        if (json) {
            terminal.print(ClusterJson.prettyText(result));
        } else {
            text.conclusion(result);
        }
    }
}
