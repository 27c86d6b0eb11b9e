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

/** {@code restore list}: what can be restored. */
@Command(
        name = "list",
        description = "Says what can be restored: which moments, and from which backups.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  restore list --repository s3://bucket/prefix"})
public final class RestoreListCommand implements Callable<Integer> {

    @Mixin private final SourceOptions sources;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public RestoreListCommand(ConfigurationReader reader) {
        this.sources = new SourceOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        show(Survey.contents(sources, terminal), terminal, json);
        return ExitStatus.DONE.code();
    }

    static void show(Contents contents, Terminal terminal, boolean json) {
        if (json) {
            terminal.print(ClusterJson.prettyText(contents));
            return;
        }
        ContentsText text = new ContentsText(contents, terminal);
        text.printReachable();
        if (!contents.backups().isEmpty()) {
            terminal.print("");
            text.printBackups();
        }
    }
}
