package io.matriarch.benchmark;

import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.Machine;
import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Workplace;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Measures the archive beside pgBackRest and plain tools, and writes a report.
 *
 * <p>Arguments: {@code REPORT [ROUNDS [SCALE [CONTEST...]]]}, with pgbench's scale (100 is 1.5 GB),
 * and the contests to hold: {@code backup}, {@code restore}, {@code drain}, {@code acknowledge},
 * {@code replay}; all of them if none is named.
 */
public final class ArchiveBenchmark {

    private static final PrintWriter OUT =
            new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private ArchiveBenchmark() {}

    public static void main(String[] arguments) throws InterruptedException, IOException {
        Path report = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        int scale = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 100;
        Set<String> wanted =
                Set.copyOf(
                        List.of(arguments)
                                .subList(Math.min(3, arguments.length), arguments.length));
        RunAs owner = RunAs.current();
        LocalPlan.Host host = new Machine(System.getenv(), owner).inspect();
        Workplace place = Workplace.make();
        owner.own(place.root());
        Shell shell = new Shell(owner);
        Folders folders = new Folders(place.root(), owner);
        Server server = null;
        try {
            OUT.println("making a cluster of scale " + scale + " in " + place.root());
            server =
                    Server.create(
                            Path.of(host.postgresPrograms()),
                            shell,
                            folders.empty("server"),
                            scale);
            Ground ground =
                    new Ground(
                            folders,
                            shell,
                            Program.install(Launcher.here(), folders),
                            server,
                            new Resident.Load(2, 3),
                            rounds);
            List<Contest> held = new ArrayList<>();
            if (isWanted(wanted, "backup")) {
                held.add(new BackupContest(ground).hold(OUT::println));
            }
            if (isWanted(wanted, "restore")) {
                held.add(new RestoreContest(ground).hold(OUT::println));
            }
            if (isWanted(wanted, "acknowledge")) {
                held.add(new AcknowledgementContest(ground).hold(OUT::println));
            }
            if (isWanted(wanted, "drain") || isWanted(wanted, "replay")) {
                held.addAll(withBacklog(ground, wanted));
            }
            StringBuilder text = new StringBuilder();
            held.forEach(contest -> text.append(contest.report()));
            Files.writeString(report, text.toString());
            OUT.println(text);
        } finally {
            if (server != null) {
                server.stop();
            }
            place.remove();
        }
    }

    private static boolean isWanted(Set<String> wanted, String contest) {
        return wanted.isEmpty() || wanted.contains(contest);
    }

    private static List<Contest> withBacklog(Ground ground, Set<String> wanted)
            throws InterruptedException, IOException {
        List<Contest> held = new ArrayList<>();
        OUT.println("writing a backlog of WAL");
        Server server = ground.server();
        server.stop();
        Path base = ground.folders().empty("base").resolve("data");
        ground.shell().run("cp", "-a", server.data(), base.toString());
        server.start();
        Backlog backlog = new Backlog(server);
        backlog.write();
        if (isWanted(wanted, "drain")) {
            held.add(new DrainContest(ground, backlog).hold(OUT::println));
        }
        if (isWanted(wanted, "replay")) {
            held.add(new ReplayContest(ground, backlog, base).hold(OUT::println));
        }
        return held;
    }
}
