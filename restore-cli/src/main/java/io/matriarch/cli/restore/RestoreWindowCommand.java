package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.archiver.planning.WindowSurvey;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code restore window}: draws what can be restored, timeline by timeline. */
@Command(
        name = "window",
        description = {
            "Draws the recovery window: for each timeline its backups, the moments that can be",
            "restored, and the gaps in the archived WAL."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  restore window --repository s3://bucket/prefix"})
public final class RestoreWindowCommand implements Callable<Integer> {

    @Mixin private final SourceOptions sources;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public RestoreWindowCommand(ConfigurationReader reader) {
        this.sources = new SourceOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        try (Source source = sources.open(terminal)) {
            RecoveryWindow window = WindowSurvey.of(Survey.listing(source, terminal));
            Optional<LastDrill> drilled = source.lastDrill();
            if (json) {
                terminal.print(ClusterJson.prettyText(WindowContents.of(source, window, drilled)));
            } else {
                new WindowText(
                                window,
                                terminal,
                                WindowGlyphs.of(Terminal.charset()),
                                Terminal.width(spec))
                        .lines()
                        .forEach(terminal::print);
                drilled.ifPresent(it -> terminal.print("last drill: " + it.words(Instant.now())));
            }
        }
        return ExitStatus.DONE.code();
    }
}
