package io.matriarch.cli.drill;

import io.matriarch.archiver.drill.DrillOptions;
import io.matriarch.archiver.drill.DrillReport.Failure;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.drill.DrillRun;
import io.matriarch.archiver.drill.DrillRun.Result;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch drill}: restores the newest backup, and looks whether it is of use. */
@Command(
        name = "drill",
        description = {
            "Restores the newest backup to a random moment in a private folder, starts PostgreSQL",
            "there on a Unix socket, checks its tables and indexes, and throws it away.",
            "What was found is kept in the repository. Ends with 6 if the archive is to blame",
            "for a failure."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch drill --config /etc/matriarch.yaml --scratch-dir /data/scratch",
            "  matriarch drill --repository s3://bucket/prefix --moment latest"
                    + " --query 'SELECT count(*) > 0 FROM orders'",
            "  matriarch drill --repository s3://bucket/prefix --seed 42 --json"
        })
public final class DrillCommand implements Callable<Integer> {

    @Mixin private final RepositoryOptions repository;
    @Mixin private final DrillOptionGroup options = new DrillOptionGroup();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public DrillCommand(ConfigurationReader reader) {
        this.repository = new RepositoryOptions(reader);
    }

    @Override
    public Integer call() {
        try (Interruption _ = Interruption.onSignal()) {
            return hold();
        } catch (InterruptedException e) {
            return ExitStatus.INTERRUPTED.code();
        }
    }

    private int hold() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        DrillRequest request = options.request();
        DrillOptions how = options.options();
        try (RepositoryOptions.Found found = repository.open();
                DrillTelling telling = new DrillTelling(terminal, request)) {
            if (found.isSilent()) {
                telling.onNote(
                        "ZooKeeper does not answer, so the timeline is judged by the archive alone");
            }
            Archive archive = found.archive();
            archive.note().ifPresent(telling::onNote);
            Result result =
                    new DrillRun(archive.store(), archive.layout(), found.committed(), how)
                            .run(request, host(), telling);
            telling.end();
            return switch (result) {
                case Result.Refused(String reason, String hint) ->
                        throw CommandFailure.refused(reason, hint);
                case Result.Held held -> tell(held, terminal);
            };
        }
    }

    private int tell(Result.Held held, Terminal terminal) {
        Failure failure = held.report().failure().orElse(null);
        if (failure != null && !failure.isOfTheArchive()) {
            held.kept().ifPresent(it -> terminal.tell("note: " + it + " is kept"));
            held.unremembered()
                    .ifPresent(it ->
                            terminal.tell("note: the repository has no report of this: " + it));
            throw new CommandFailure(
                    held.silence().isPresent() ? ExitStatus.UNREACHABLE : ExitStatus.FAILED,
                    "the drill failed at %s: %s"
                            .formatted(
                                    failure.phase().name().toLowerCase(Locale.ROOT),
                                    failure.reason()),
                    failure.hint());
        }
        DrillText text = DrillText.of(held);
        if (json) {
            terminal.print(ClusterJson.prettyText(text));
        } else {
            text.print(terminal);
        }
        return (failure == null ? ExitStatus.DONE : ExitStatus.UNHEALTHY).code();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "unknown";
        }
    }
}
