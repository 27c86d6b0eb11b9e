package io.matriarch.local;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.local.plan.Ground;
import io.matriarch.local.plan.Installation;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import io.matriarch.local.plan.Machine;
import io.matriarch.local.plan.Planning;
import io.matriarch.local.plan.Ports;
import io.matriarch.local.plan.RunAs;
import io.matriarch.local.process.OwnProcess;
import io.matriarch.local.process.Part;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch local up}: makes a cluster, waits until it serves, and says how to reach it. */
@Command(
        name = "up",
        description =
                "Starts a cluster in DIR and returns once writes go through and every standby"
                        + " streams.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class UpCommand implements Callable<Integer> {

    @Option(
            names = "--dir",
            required = true,
            paramLabel = "DIR",
            description = "Where everything lies: new, empty, or an ended local cluster's.")
    private Path dir;

    @Option(names = "--nodes", defaultValue = "3", description = "How many Postgres: 1 to 5.")
    private int nodes;

    @Option(
            names = "--sync",
            defaultValue = "on",
            description = "Whether a commit waits for a standby: ${COMPLETION-CANDIDATES}.")
    private LocalShape.Sync sync;

    @Option(
            names = "--store",
            defaultValue = "s3",
            description = "Where backups and WAL go: ${COMPLETION-CANDIDATES}.")
    private LocalShape.Store store;

    @Option(
            names = "--failsafe",
            description = "Go on without ZooKeeper while all members vouch for the primary.")
    private boolean failsafe;

    @Option(
            names = "--priorities",
            paramLabel = "N,N,...",
            split = ",",
            description = "Whom elections prefer: the higher. One for each node; all 0 without it.")
    private @Nullable List<Integer> priorities;

    @Option(names = "--detach", description = "Return, and leave the cluster running.")
    private boolean detach;

    @Option(names = "--no-restart", description = "Do not start processes again that die.")
    private boolean noRestart;

    @Option(names = "--user", defaultValue = "app", description = "The application's user.")
    private String user;

    @Option(names = "--database", defaultValue = "app", description = "Its database.")
    private String database;

    @Option(
            names = "--zookeeper",
            paramLabel = "SERVERS",
            description =
                    "Servers of a ZooKeeper that is there already, HOST:PORT with commas; without"
                            + " it one server is started.")
    private @Nullable String zooKeeper;

    @Option(
            names = "--ports",
            defaultValue = Ports.DEFAULT,
            paramLabel = "FROM-TO",
            description = "From where to take free ports.")
    private String ports;

    @Option(
            names = "--timeout",
            defaultValue = "120",
            paramLabel = "SECONDS",
            description = "How long to wait for the cluster.")
    private int timeout;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    UpCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        LocalShape shape =
                new LocalShape(
                        nodes,
                        sync,
                        store,
                        failsafe,
                        !noRestart,
                        user,
                        database,
                        zooKeeper,
                        priorities == null ? List.of() : priorities);
        LocalDirectory directory = new LocalDirectory(dir);
        Ports range = Ports.parse(ports);
        if (timeout < 1) {
            throw new IllegalArgumentException(
                    "timeout: " + timeout + " (expected: at least 1 second)");
        }
        RunAs runAs = RunAs.current();
        Installation installation = Installation.current();
        Machine machine = new Machine(System.getenv(), runAs);
        LocalPlan.Host host = machine.inspect();
        machine.requireReachable(directory);
        Ground.requireFreeOrOwn(directory);
        requireEnded(directory);
        LocalPlan plan = Planning.of(directory, shape, host, range);

        new Ground(directory, runAs).lay(plan, installation);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Startup startup = new Startup(new LocalConfiguration(directory, plan), out, err);
        Process keeper = startup.run(runAs, Duration.ofSeconds(timeout));
        if (!detach) {
            out.println("Ctrl-C ends it");
            out.flush();
            startup.endWithThisProcess();
            keeper.waitFor();
            if (startup.hasEndedWithThisProcess()) {
                return ExitStatus.INTERRUPTED.code();
            }
            throw CommandFailure.failed(
                    "keeper: it has ended",
                    "if you did not run 'local down', read " + directory.log(Part.KEEPER));
        }
        return ExitStatus.DONE.code();
    }

    private static void requireEnded(LocalDirectory directory) {
        LocalPlan before = LocalPlan.readFrom(directory);
        int living = before == null ? 0 : OwnProcess.allOf(directory, before).size();
        if (living > 0) {
            throw CommandFailure.refused(
                    "directory: "
                            + directory.root()
                            + " is in use by a cluster of "
                            + living
                            + " processes",
                    "run 'matriarch local down --dir " + directory.root() + "' first");
        }
    }
}
