package io.matriarch.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.DurationText;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
            "  matriarch backup --dir /tmp/cluster --json"
        })
public final class BackupCommand implements Callable<Integer> {

    @Mixin private final ClusterOptions cluster;

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
     */
    record Taken(@Nullable String id, long bytes, long storedBytes, long durationMillis) {}

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        Request over;
        try (ClusterSession session = ClusterSession.open(cluster.access().zookeeper())) {
            Primaries.require(session);
            over =
                    new Petition(session, terminal::tell)
                            .run(Kind.BACKUP, null, arguments(), timeout);
        }
        terminal.print(json ? document(over) : sentence(over));
        return ExitStatus.DONE.code();
    }

    private Map<String, String> arguments() {
        return pin == null ? Map.of() : Map.of("pin", pin);
    }

    private static String document(Request over) {
        return ClusterJson.read(bytes(over), JsonNode.class)
                .map(ClusterJson::prettyText)
                .orElse("{}");
    }

    static String sentence(Request over) {
        return ClusterJson.read(bytes(over), Taken.class)
                .filter(taken -> taken.id() != null)
                .map(taken ->
                        "base backup %s taken in %s: %s, %s in the repository"
                                .formatted(
                                        taken.id(),
                                        Amounts.span(Duration.ofMillis(taken.durationMillis())),
                                        Amounts.bytes(taken.bytes()),
                                        Amounts.bytes(taken.storedBytes())))
                .orElse(over.message());
    }

    private static byte[] bytes(Request over) {
        return over.result().getBytes(StandardCharsets.UTF_8);
    }
}
