package io.matriarch.cli.operate;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.retention.RetentionArguments;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPlan;
import io.matriarch.archiver.retention.RetentionPlanner;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.Archive;
import io.matriarch.cli.access.ClusterAccess;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.DurationText;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.RunningBackup;
import io.matriarch.postgres.SystemIdentifier;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch prune}: deletes what the cluster's retention does not keep. */
@Command(
        name = "prune",
        description = {
            "Deletes the backups and the WAL that the cluster's retention does not keep.",
            "The primary's sidecar does it, by its own configuration unless told otherwise,",
            "and never below its floor."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch prune --config /etc/matriarch.yaml --dry-run",
            "  matriarch prune --config /etc/matriarch.yaml --one-shot --json",
            "  matriarch prune --dir /tmp/cluster --keep-count 2 --keep-window 1d --yes"
        })
public final class PruneCommand implements Callable<Integer> {

    @Mixin private final ClusterOptions cluster;

    @Option(names = "--dry-run", description = "Only say what would be deleted, and why.")
    private boolean dryRun;

    @Mixin private final KeepOptions keep = new KeepOptions();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--one-shot",
            description = {
                "As a scheduler's job: do not ask, and end with 3 or 5, nothing deleted,",
                "if there is no primary to do it."
            })
    private boolean oneShot;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "1h",
            converter = DurationText.class,
            description = "How long to wait for it (default: ${DEFAULT-VALUE}).")
    private Duration timeout;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public PruneCommand(ConfigurationReader reader) {
        this.cluster = new ClusterOptions(reader);
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        ClusterAccess access = cluster.access();
        Map<String, String> arguments = keep.arguments();
        RetentionPolicy policy = policy(access.kept(), arguments);
        try (ClusterSession session = ClusterSession.open(access.zookeeper())) {
            Primaries.require(session);
            if (dryRun) {
                show(terminal, policy, plan(access, session, policy));
            } else {
                terminal.confirm(
                        "pruning deletes backups and WAL of cluster " + access.cluster(),
                        yes || oneShot);
                Request over =
                        new Petition(session, terminal::tell)
                                .run(Kind.PRUNE, null, arguments, timeout);
                terminal.print(json ? Petition.document(over) : over.message());
            }
        }
        return ExitStatus.DONE.code();
    }

    private static RetentionPolicy policy(
            RetentionPolicy configured, Map<String, String> arguments) {
        try {
            return RetentionArguments.apply(configured, arguments);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    String.valueOf(e.getMessage()), "see 'matriarch prune --help'");
        }
    }

    private static RetentionPlan plan(
            ClusterAccess access, ClusterSession session, RetentionPolicy policy) {
        ClusterState state = session.state();
        SystemIdentifier system = state.systemIdentifier();
        if (system == null) {
            throw CommandFailure.refused(
                    "the cluster is being initialised, and has no archive yet",
                    "wait until 'matriarch status' shows a primary");
        }
        try (Archive archive =
                Archive.open(
                        access.repository(), Optional.of(access.cluster()), Optional.of(system))) {
            RetentionFacts facts =
                    RetentionFacts.of(
                            archive.store(),
                            archive.layout(),
                            Optional.of(state.lineage().timeline()),
                            running(session));
            return RetentionPlanner.plan(facts, policy, Instant.now());
        }
    }

    private static Set<BackupId> running(ClusterSession session) {
        return session.connection().runningBackups().stream()
                .map(RunningBackup::backup)
                .filter(id -> !id.isEmpty())
                .map(BackupId::parse)
                .collect(Collectors.toSet());
    }

    private void show(Terminal terminal, RetentionPolicy policy, RetentionPlan plan) {
        PruneText text = PruneText.of(plan, policy);
        if (json) {
            terminal.print(ClusterJson.prettyText(text));
        } else {
            text.print(terminal);
        }
    }
}
