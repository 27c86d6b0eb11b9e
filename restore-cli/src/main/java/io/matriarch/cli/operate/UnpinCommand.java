package io.matriarch.cli.operate;

import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.access.RepositoryOptions;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code matriarch unpin}: a backup stays no longer than the retention says. */
@Command(
        name = "unpin",
        description = "Takes the pin of a base backup away: the next pruning may delete it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch unpin 20261121T083000Z-5f3a09c1 --config /etc/matriarch.yaml"
        })
public final class UnpinCommand implements Callable<Integer> {

    @Mixin private final RepositoryOptions repository;

    @Parameters(paramLabel = "BACKUP", description = "As 'matriarch backups' names it.")
    private String backup;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public UnpinCommand(ConfigurationReader reader) {
        this.repository = new RepositoryOptions(reader);
    }

    /** The JSON of {@code --json}. */
    record Unpinned(String backup, boolean changed) {}

    @Override
    public Integer call() throws InterruptedException {
        BackupId id = PinnedBackup.named(backup);
        try (RepositoryOptions.Found found = repository.open()) {
            boolean changed = new Pins(found.archive().store(), found.archive().layout()).unpin(id);
            Terminal.of(spec)
                    .print(
                            json
                                    ? ClusterJson.prettyText(new Unpinned(backup, changed))
                                    : "backup %s is %s"
                                            .formatted(
                                                    backup,
                                                    changed
                                                            ? "not pinned any more"
                                                            : "not pinned"));
        }
        return ExitStatus.DONE.code();
    }
}
