package io.matriarch.cli.operate;

import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code matriarch pin}: a backup stays until somebody unpins it. */
@Command(
        name = "pin",
        description = {
            "Keeps a base backup, whatever the retention says, until it is unpinned.",
            "With it stays the WAL that makes it consistent, and no other."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch pin 20261121T083000Z-5f3a09c1 --config /etc/matriarch.yaml \\",
            "      --reason 'before the migration'"
        })
public final class PinCommand implements Callable<Integer> {

    @Mixin private final RepositoryOptions repository;

    @Parameters(paramLabel = "BACKUP", description = "As 'matriarch backups' names it.")
    private String backup;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why; shown by 'matriarch prune --dry-run'.")
    private String reason;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public PinCommand(ConfigurationReader reader) {
        this.repository = new RepositoryOptions(reader);
    }

    /** The JSON of {@code --json}. */
    record Pinned(String backup, String reason, Instant created) {}

    @Override
    public Integer call() throws InterruptedException {
        BackupId id = PinnedBackup.named(backup);
        try (RepositoryOptions.Found found = repository.open()) {
            Pin pin =
                    new Pins(found.archive().store(), found.archive().layout())
                            .pin(new Pin(id, reason, Instant.now()));
            Pinned pinned = new Pinned(backup, pin.reason(), pin.created());
            Terminal.of(spec)
                    .print(
                            json
                                    ? ClusterJson.prettyText(pinned)
                                    : "backup %s is pinned since %s"
                                            .formatted(backup, pin.created()));
        }
        return ExitStatus.DONE.code();
    }
}
