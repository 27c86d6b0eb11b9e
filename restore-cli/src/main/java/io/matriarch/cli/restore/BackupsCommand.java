package io.matriarch.cli.restore;

import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch backups}: the base backups in a repository. */
@Command(
        name = "backups",
        description = "Lists the base backups in the repository, the latest last.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch backups --config /etc/matriarch.yaml",
            "  matriarch backups --repository s3://bucket/prefix --json"
        })
public final class BackupsCommand implements Callable<Integer> {

    @Mixin private final SourceOptions sources;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public BackupsCommand(ConfigurationReader reader) {
        this.sources = new SourceOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        Contents contents = Survey.contents(sources, terminal);
        if (json) {
            terminal.print(ClusterJson.prettyText(contents));
        } else {
            new ContentsText(contents, terminal).printBackups();
        }
        return ExitStatus.DONE.code();
    }
}
