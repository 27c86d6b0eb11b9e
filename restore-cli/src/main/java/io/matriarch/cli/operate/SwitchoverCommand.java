package io.matriarch.cli.operate;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ClusterOptions;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.DurationText;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.elector.cluster.Change;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Request.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch switchover}: makes a standby the primary, in order. */
@Command(
        name = "switchover",
        description = {
            "Makes a standby the primary, in order: clients wait a moment, nothing is lost.",
            "The present primary becomes a standby."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  matriarch switchover --config /etc/matriarch.yaml",
            "  matriarch switchover --dir /tmp/cluster --to node2 --yes"
        })
public final class SwitchoverCommand implements Callable<Integer> {

    private static final Duration HISTORY = Duration.ofSeconds(2);

    @Mixin private final ClusterOptions cluster;

    @Option(
            names = "--to",
            paramLabel = "MEMBER",
            description = "The new primary; without it, the best standby.")
    private @Nullable String to;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationText.class,
            description = "How long to wait for it (default: ${DEFAULT-VALUE}).")
    private Duration timeout;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public SwitchoverCommand(ConfigurationReader reader) {
        this.cluster = new ClusterOptions(reader);
    }

    /**
     * The JSON of {@code --json}.
     *
     * @param vacantMillis from when the new primary saw the place vacant until it took writes
     * @param durationMillis from the request until then
     */
    record Shown(
            String from,
            String to,
            long epoch,
            long timeline,
            boolean changed,
            @Nullable Long vacantMillis,
            long durationMillis) {}

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.of(spec);
        MemberName wanted = to == null ? null : new MemberName(to);
        try (ClusterSession session = ClusterSession.open(cluster.access().zookeeper())) {
            ClusterState before = session.state();
            check(session.view(), before, wanted);
            if (before.primary().equals(wanted)) {
                Shown same = shown(before, before, Optional.empty(), 0, false);
                show(terminal, same, before.primary() + " is the primary already");
                return ExitStatus.DONE.code();
            }
            String successor = wanted == null ? "the best standby" : wanted.value();
            terminal.confirm("switchover from " + before.primary() + " to " + successor, yes);
            switchOver(terminal, session, before, wanted);
        }
        return ExitStatus.DONE.code();
    }

    /** Refuses what the primary would refuse as well, with a better answer. */
    private static void check(ClusterView view, ClusterState state, @Nullable MemberName wanted) {
        List<MemberName> live = view.members().stream().map(MemberStatus::name).sorted().toList();
        if (wanted != null && !live.contains(wanted)) {
            throw CommandFailure.refused(
                    "member: " + wanted + " is not alive here (expected: one of " + live + ")",
                    "'matriarch status' shows the members");
        }
        if (state.phase() != Phase.READY || !live.contains(state.primary())) {
            throw CommandFailure.refused(
                    "the cluster has no working primary to switch over from (phase: "
                            + state.phase().name().toLowerCase(Locale.ROOT)
                            + ", primary: "
                            + state.primary()
                            + ")",
                    "a failover needs no command; 'matriarch status' shows how far it is");
        }
    }

    private void switchOver(
            Terminal terminal,
            ClusterSession session,
            ClusterState before,
            @Nullable MemberName wanted)
            throws InterruptedException {
        long began = System.nanoTime();
        new Petition(session, terminal::tell).run(Kind.SWITCHOVER, wanted, Map.of(), timeout);
        Duration left = timeout.minusNanos(System.nanoTime() - began);
        ClusterState after =
                session.await(() -> successor(session, before), left)
                        .orElseThrow(() -> notReady(session));
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Optional<Change> change = session.await(() -> change(session, after), HISTORY);
        Shown shown = shown(before, after, change, took.toMillis(), true);
        show(
                terminal,
                shown,
                "%s is the primary, in epoch %s on timeline %s; the switchover took %s%s"
                        .formatted(
                                after.primary(),
                                after.epoch(),
                                after.lineage().timeline(),
                                Amounts.span(took),
                                change.map(it ->
                                                ", of which "
                                                        + Amounts.span(
                                                                Duration.ofMillis(
                                                                        it.vacantMillis()))
                                                        + " without a primary")
                                        .orElse("")));
    }

    private static Optional<ClusterState> successor(ClusterSession session, ClusterState before) {
        return Optional.ofNullable(session.view().state())
                .filter(state -> state.phase() == Phase.READY)
                .filter(state -> !state.primary().equals(before.primary()));
    }

    private static Optional<Change> change(ClusterSession session, ClusterState after) {
        return session.connection().history().stream()
                .filter(change -> change.epoch().equals(after.epoch()))
                .findFirst();
    }

    private static CommandFailure notReady(ClusterSession session) {
        ClusterState state = session.state();
        return new CommandFailure(
                ExitStatus.TIMED_OUT,
                "the old primary has handed over, and no other was ready in time (phase: "
                        + state.phase().name().toLowerCase(Locale.ROOT)
                        + ")",
                "the cluster goes on by itself; 'matriarch status' shows how far it is");
    }

    private static Shown shown(
            ClusterState before,
            ClusterState after,
            Optional<Change> change,
            long durationMillis,
            boolean changed) {
        return new Shown(
                before.primary().value(),
                after.primary().value(),
                after.epoch().value(),
                after.lineage().timeline().value(),
                changed,
                change.map(Change::vacantMillis).orElse(null),
                durationMillis);
    }

    private void show(Terminal terminal, Shown shown, String sentence) {
        terminal.print(json ? ClusterJson.prettyText(shown) : sentence);
    }
}
