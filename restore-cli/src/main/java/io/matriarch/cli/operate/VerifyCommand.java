package io.matriarch.cli.operate;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.Verification;
import io.matriarch.archiver.verification.VerificationOptions;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.terminal.Progress;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch verify}: reads the archive back, and proves it. */
@Command(
        name = "verify",
        description = {
            "Reads the archive back and proves it: every object, or a sample that comes",
            "round to all of them. What was proven when is remembered in the repository.",
            "Ends with 6 if anything is damaged or missing."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch verify --config /etc/matriarch.yaml --sample 5%% --throttle 50MB/s",
            "  matriarch verify --repository s3://bucket/prefix --json",
            "  matriarch verify --dir /tmp/cluster"
        })
public final class VerifyCommand implements Callable<Integer> {

    @Mixin private final RepositoryOptions repository;

    @Option(
            names = "--sample",
            paramLabel = "AMOUNT",
            defaultValue = "all",
            description = {
                "How much of what is stored to read back: all, 20GB or 5%%",
                "(default: ${DEFAULT-VALUE}). By turns what was never proven, and",
                "what was proven longest ago."
            })
    private String sample;

    @Option(
            names = "--throttle",
            paramLabel = "RATE",
            defaultValue = "none",
            description = "How fast at most, such as 50MB/s (default: ${DEFAULT-VALUE}).")
    private String throttle;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "How many objects to read at the same time, 1 to 64 (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public VerifyCommand(ConfigurationReader reader) {
        this.repository = new RepositoryOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        VerificationOptions options = options();
        Terminal terminal = Terminal.of(spec);
        VerificationReport report;
        try (RepositoryOptions.Found found = repository.open()) {
            Archive archive = found.archive();
            archive.note().ifPresent(note -> terminal.tell("note: " + note));
            Verification verification =
                    new Verification(archive.store(), archive.layout(), options);
            try (Progress progress = Progress.show(terminal, "verifying")) {
                report = verification.run(found.committed(), progress::onBytes);
            }
        }
        VerifyText text = VerifyText.of(report);
        if (json) {
            terminal.print(ClusterJson.prettyText(text));
        } else {
            text.print(terminal, Instant.now());
        }
        return (report.isWell() ? ExitStatus.DONE : ExitStatus.UNHEALTHY).code();
    }

    private VerificationOptions options() {
        try {
            return new VerificationOptions(
                    Sample.parse(sample), jobs, PaceLimits.NONE.withThrottle(throttle));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    String.valueOf(e.getMessage()), "see 'matriarch verify --help'");
        }
    }
}
