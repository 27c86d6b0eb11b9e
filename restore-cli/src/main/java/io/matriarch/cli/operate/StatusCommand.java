package io.matriarch.cli.operate;

import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterAccess;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.RunningBackup;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch status}: the cluster at a glance. */
@Command(
        name = "status",
        description = {
            "Shows the cluster at a glance: who is primary, how far the standbys are, and how the"
                    + " archive stands.",
            "Ends with 6 if something is not well."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch status --config /etc/matriarch.yaml",
            "  matriarch status --dir /tmp/cluster --json"
        })
public final class StatusCommand implements Callable<Integer> {

    @Mixin private final ClusterOptions cluster;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public StatusCommand(ConfigurationReader reader) {
        this.cluster = new ClusterOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        ClusterAccess access = cluster.access();
        Terminal terminal = Terminal.of(spec);
        ClusterReport report = report(access);
        if (json) {
            terminal.print(ClusterJson.prettyText(report));
        } else {
            new StatusText(report, terminal).print();
        }
        return report.problems().isEmpty() ? ExitStatus.DONE.code() : ExitStatus.UNHEALTHY.code();
    }

    private static ClusterReport report(ClusterAccess access) throws InterruptedException {
        ClusterView view;
        ClusterState state;
        List<RunningBackup> running;
        try (ClusterSession session = ClusterSession.open(access.zookeeper())) {
            state = session.state();
            view = session.view();
            running = session.connection().runningBackups();
        }
        return ClusterReport.of(
                new ClusterReport.Expectation(
                        access.cluster().value(), access.members(), access.alarm()),
                Instant.now(),
                view,
                state,
                running,
                ArchiveGlance.look(access, state, ClusterReport.position(view, state)));
    }
}
