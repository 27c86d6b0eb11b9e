package io.matriarch.cli.operate;

import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Table;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.Change;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch history}: who was primary, since when, and why. */
@Command(
        name = "history",
        description = "Shows past changes of the primary, the latest last.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  matriarch history --config /etc/matriarch.yaml"})
public final class HistoryCommand implements Callable<Integer> {

    @Mixin private final ClusterOptions cluster;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public HistoryCommand(ConfigurationReader reader) {
        this.cluster = new ClusterOptions(reader);
    }

    /** The JSON of {@code --json}. */
    record Shown(String cluster, List<Row> changes) {}

    /**
     * @param from absent for the first primary
     * @param switchedAt the end of the log that the new primary continued
     * @param lackingBytes how much WAL the primary before is known to have written beyond that
     */
    record Row(
            Instant at,
            long epoch,
            @Nullable String from,
            String to,
            long timeline,
            String switchedAt,
            long lackingBytes,
            long vacantMillis,
            String reason) {

        static Row of(Change change) {
            MemberName from = change.from();
            return new Row(
                    change.at(),
                    change.epoch().value(),
                    from == null ? null : from.value(),
                    change.to().value(),
                    change.timeline().value(),
                    change.switchedAt().toString(),
                    change.lacking(),
                    change.vacantMillis(),
                    change.reason());
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        var access = cluster.access();
        List<Row> rows;
        try (ClusterSession session = ClusterSession.open(access.zookeeper())) {
            session.state();
            rows = session.connection().history().stream().map(Row::of).toList();
        }
        if (json) {
            terminal.print(ClusterJson.prettyText(new Shown(access.cluster().value(), rows)));
        } else if (rows.isEmpty()) {
            terminal.print("the primary has not changed yet");
        } else {
            table(rows).print(terminal);
        }
        return ExitStatus.DONE.code();
    }

    static Table table(List<Row> rows) {
        Table table =
                Table.of(
                        "when",
                        ">epoch",
                        "from",
                        "to",
                        ">timeline",
                        "switched at",
                        ">lacking",
                        ">vacant",
                        "reason");
        for (Row row : rows) {
            String from = row.from;
            table.add(
                    Amounts.time(row.at),
                    Long.toString(row.epoch),
                    from == null ? "-" : from,
                    row.to,
                    Long.toString(row.timeline),
                    row.switchedAt,
                    row.lackingBytes == 0 ? "-" : Amounts.bytes(row.lackingBytes),
                    Amounts.span(Duration.ofMillis(row.vacantMillis)),
                    row.reason);
        }
        return table;
    }
}
