package io.matriarch.benchmark;

import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.Machine;
import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Workplace;
import java.io.PrintStream;
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

    private static final PrintStream OUT = System.out;

    private ArchiveBenchmark() {}

    public static void main(String[] arguments) throws Exception {
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
            Ground ground = new Ground(folders, shell, server, new Resident.Load(2, 3), rounds);
            List<Contest> held = new ArrayList<>();
            if (wanted.isEmpty() || wanted.contains("backup")) {
                held.add(new BackupContest(ground).hold(OUT::println));
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
}
