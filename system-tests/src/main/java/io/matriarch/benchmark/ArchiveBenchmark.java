package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Folders;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.Program;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.S3Store;
import io.matriarch.benchmark.stage.Server;
import io.matriarch.benchmark.stage.Shell;
import io.matriarch.benchmark.stage.Store;
import io.matriarch.local.plan.Machine;
import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Console;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures the archive beside pgBackRest and plain tools, and writes a report.
 *
 * <p>Arguments: {@code REPORT [STORE [ROUNDS [SCALE [CONTEST...]]]]}, with the store ({@code
 * directory}, {@code s3}, or {@code both} in turn), pgbench's scale (100 is 1.5 GB), and the
 * contests to hold: {@code backup}, {@code restore}, {@code increment}, {@code chain}, {@code
 * verify}, {@code acknowledge}, {@code drain}, {@code replay}; all of them if none is named.
 */
public final class ArchiveBenchmark {

    private final Launcher built = Launcher.here();
    private final Folders folders;
    private final Shell shell;
    private final int rounds;
    private final Set<String> wanted;
    private final List<Contest> held = new ArrayList<>();

    private ArchiveBenchmark(Workplace place, RunAs owner, int rounds, Set<String> wanted) {
        this.folders = new Folders(place.root(), owner);
        this.shell = new Shell(owner, Map.of());
        this.rounds = rounds;
        this.wanted = wanted;
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        Path report = Path.of(arguments[0]);
        String store = arguments.length > 1 ? arguments[1] : "both";
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int scale = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 100;
        Set<String> wanted =
                Set.copyOf(
                        List.of(arguments)
                                .subList(Math.min(4, arguments.length), arguments.length));
        RunAs owner = RunAs.current();
        Workplace place = Workplace.make();
        owner.own(place.root());
        try {
            ArchiveBenchmark benchmark = new ArchiveBenchmark(place, owner, rounds, wanted);
            benchmark.holdOver(stores(store), scale, owner);
            StringBuilder text = new StringBuilder();
            benchmark.held.forEach(contest -> text.append(contest.report()));
            Files.writeString(report, text.toString());
            Console.OUT.println(text);
        } finally {
            place.remove();
        }
    }

    private static List<String> stores(String name) {
        return switch (name) {
            case "both" -> List.of("directory", "s3");
            case "directory", "s3" -> List.of(name);
            default ->
                    throw new IllegalArgumentException(
                            "store: " + name + " (expected: directory, s3 or both)");
        };
    }

    /** One server for all, so that whatever the store is, the work is the same. */
    private void holdOver(List<String> names, int scale, RunAs owner)
            throws InterruptedException, IOException {
        Path programs = Path.of(new Machine(System.getenv(), owner).inspect().postgresPrograms());
        Console.OUT.println("making a cluster of scale " + scale + " in " + folders.root());
        Server server = Server.create(programs, shell, folders.empty("server"), scale);
        List<Store> stores = new ArrayList<>();
        try {
            Program program = Program.install(built, folders);
            List<Ground> grounds = new ArrayList<>();
            for (String name : names) {
                Store store = open(name);
                stores.add(store);
                grounds.add(ground(program, server, store));
            }
            for (Ground ground : grounds) {
                hold(ground);
            }
            if (isWanted("drain") || isWanted("replay")) {
                holdWithBacklog(server, grounds);
            }
        } finally {
            stores.forEach(Store::close);
            server.stop();
        }
    }

    private Store open(String name) throws InterruptedException {
        return name.equals("s3")
                ? S3Store.start(folders, shell, built.home().resolve("sidecar/target/s3proxy.jar"))
                : new Store.InDirectories(folders);
    }

    private Ground ground(Program program, Server server, Store store) {
        return new Ground(
                folders,
                shell.with(store.environment()),
                program,
                server,
                store,
                new Resident.Load(2, 3),
                rounds);
    }

    private boolean isWanted(String contest) {
        return wanted.isEmpty() || wanted.contains(contest);
    }

    private void hold(Ground ground) throws InterruptedException, IOException {
        if (isWanted("backup")) {
            held.add(new BackupContest(ground).hold(Console.OUT::println));
        }
        if (isWanted("restore")) {
            held.add(new RestoreContest(ground).hold(Console.OUT::println));
        }
        if (isWanted("increment")) {
            held.add(new IncrementContest(ground).hold(Console.OUT::println));
        }
        if (isWanted("chain")) {
            held.add(new ChainContest(ground).hold(Console.OUT::println));
        }
        if (isWanted("verify")) {
            held.add(new VerifyContest(ground).hold(Console.OUT::println));
        }
        if (isWanted("acknowledge")) {
            held.add(new AcknowledgementContest(ground).hold(Console.OUT::println));
        }
    }

    private void holdWithBacklog(Server server, List<Ground> grounds)
            throws InterruptedException, IOException {
        Console.OUT.println("writing a backlog of WAL");
        server.stop();
        Path base = folders.empty("base").resolve("data");
        shell.run("cp", "-a", server.data(), base.toString());
        server.start();
        Backlog backlog = new Backlog(server);
        backlog.write();
        for (Ground ground : grounds) {
            if (isWanted("drain")) {
                held.add(new DrainContest(ground, backlog).hold(Console.OUT::println));
            }
            if (isWanted("replay")) {
                held.add(new ReplayContest(ground, backlog, base).hold(Console.OUT::println));
            }
        }
    }
}
