package io.matriarch.local;

import io.matriarch.cli.ExitStatus;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.process.OwnProcess;
import io.matriarch.local.process.Part;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch local status}: which processes of a local cluster live. */
@Command(
        name = "status",
        description = "Shows which processes of a local cluster live.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Option(
            names = "--dir",
            required = true,
            paramLabel = "DIR",
            description = "The directory of the cluster.")
    private Path dir;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    StatusCommand() {}

    /** The JSON of {@code --json}. */
    record Shown(String cluster, String directory, String state, List<Row> processes) {}

    /**
     * @param pid 0 if it does not live
     */
    record Row(String part, String state, long pid, String address, String log) {}

    @Override
    public Integer call() {
        LocalDirectory directory = new LocalDirectory(dir);
        Shown shown = look(directory, LocalPlan.require(directory));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(JsonText.of(shown));
        } else {
            print(out, shown);
        }
        out.flush();
        return shown.state.equals("running") ? ExitStatus.DONE.code() : ExitStatus.UNHEALTHY.code();
    }

    private static Shown look(LocalDirectory directory, LocalPlan plan) {
        List<OwnProcess> living = OwnProcess.partsOf(directory, plan);
        List<Row> rows = new ArrayList<>();
        rows.add(row(directory, Part.KEEPER, "", living));
        for (Part part : Part.all(new LocalConfiguration(directory, plan))) {
            rows.add(row(directory, part.name(), part.address(), living));
        }
        long running = rows.stream().filter(row -> row.pid != 0).count();
        String state = running == rows.size() ? "running" : running == 0 ? "stopped" : "partly";
        return new Shown(LocalConfiguration.CLUSTER, directory.root().toString(), state, rows);
    }

    private static Row row(
            LocalDirectory directory, String part, String address, List<OwnProcess> living) {
        long pid =
                living.stream()
                        .filter(process -> process.part().equals(part))
                        .mapToLong(OwnProcess::pid)
                        .findFirst()
                        .orElse(0);
        String state = pid == 0 ? "stopped" : "running";
        return new Row(part, state, pid, address, directory.log(part).toString());
    }

    private static void print(PrintWriter out, Shown shown) {
        out.printf("cluster %s in %s: %s%n", shown.cluster, shown.directory, shown.state);
        out.printf("%-18s %-8s %8s  %s%n", "part", "state", "pid", "address");
        for (Row row : shown.processes) {
            String pid = row.pid == 0 ? "-" : Long.toString(row.pid);
            out.println(
                    "%-18s %-8s %8s  %s"
                            .formatted(row.part, row.state, pid, row.address)
                            .stripTrailing());
        }
    }
}
