package io.matriarch.cli.operate;

import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.DurationText;
import io.matriarch.cli.terminal.Progress;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch backup}: has a base backup taken now. */
@Command(
        name = "backup",
        description = "Has a base backup taken now, and waits until it is in the repository.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch backup --config /etc/matriarch.yaml",
            "  matriarch backup --config /etc/matriarch.yaml --from standby --throttle 50MB/s",
            "  matriarch backup --config /etc/matriarch.yaml --type incremental",
            "  matriarch backup --dir /tmp/cluster --json"
        })
public final class BackupCommand implements Callable<Integer> {

    @Mixin private final ClusterOptions cluster;

    @Mixin private final BackupWay way = new BackupWay();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "12h",
            converter = DurationText.class,
            description = "How long to wait for it (default: ${DEFAULT-VALUE}).")
    private Duration timeout;

    @Option(
            names = "--pin",
            paramLabel = "REASON",
            arity = "0..1",
            fallbackValue = "",
            description = "Pin it at once: no pruning deletes it until it is unpinned.")
    private @Nullable String pin;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public BackupCommand(ConfigurationReader reader) {
        this.cluster = new ClusterOptions(reader);
    }

    /**
     * What the member that took the backup says of it: also the JSON of {@code --json}.
     *
     * @param id absent if it has not said so
     * @param member who took it; absent if an older one did
     * @param parent the backup that it is incremental to; absent if it is a full one
     * @param corruptPages how many pages of the cluster itself are corrupt
     */
    record Taken(
            @Nullable String id,
            @Nullable String member,
            boolean standby,
            @Nullable String parent,
            long bytes,
            long storedBytes,
            long durationMillis,
            long corruptPages) {}

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        Map<String, String> arguments = new LinkedHashMap<>(way.arguments());
        if (pin != null) {
            arguments.put("pin", pin);
        }
        Request over;
        try (ClusterSession session = ClusterSession.open(cluster.access().zookeeper())) {
            Primaries.require(session);
            over = ask(session, terminal, arguments);
        }
        terminal.print(json ? Petition.document(over) : sentence(over));
        return ExitStatus.DONE.code();
    }

    /** What a member says of its progress reaches every other through ZooKeeper. */
    private Request ask(ClusterSession session, Terminal terminal, Map<String, String> arguments)
            throws InterruptedException {
        try (Progress progress = Progress.show(terminal, "base backup")) {
            return new Petition(
                            session,
                            terminal::tell,
                            request ->
                                    session.connection().runningBackups().stream()
                                            .filter(it -> it.request().equals(request.id()))
                                            .forEach(it ->
                                                    progress.onBytes(
                                                            it.doneBytes(), it.totalBytes())))
                    .run(Kind.BACKUP, null, arguments, timeout);
        }
    }

    static String sentence(Request over) {
        return ClusterJson.read(bytes(over), Taken.class)
                .filter(taken -> taken.id() != null)
                .map(BackupCommand::sentence)
                .orElse(over.message());
    }

    private static String sentence(Taken taken) {
        String whence =
                taken.member() == null
                        ? ""
                        : " from %s %s"
                                .formatted(taken.standby() ? "standby" : "primary", taken.member());
        String warning =
                taken.corruptPages() == 0
                        ? ""
                        : System.lineSeparator()
                                + "WARNING: "
                                + Amounts.count(taken.corruptPages(), "page")
                                + " of the cluster itself are corrupt; the backup has them as they"
                                + " are, and backup.json names them";
        String kind = taken.parent() == null ? "" : " incremental to " + taken.parent();
        return "base backup %s%s taken%s in %s: %s, %s in the repository%s"
                .formatted(
                        taken.id(),
                        kind,
                        whence,
                        Amounts.span(Duration.ofMillis(taken.durationMillis())),
                        Amounts.bytes(taken.bytes()),
                        Amounts.bytes(taken.storedBytes()),
                        warning);
    }

    private static byte[] bytes(Request over) {
        return over.result().getBytes(StandardCharsets.UTF_8);
    }
}
