package io.matriarch.local.process;

import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts the parts of one local cluster, each in a session of its own and with a known environment.
 */
public final class PartProcess {

    /** Marks every process of a cluster, and what they start in turn: {@code <id>/<part>}. */
    public static final String MARK = "MATRIARCH_LOCAL_PART";

    private static final String JAVA_OPTIONS = "MATRIARCH_JAVA_OPTS";

    private final LocalDirectory directory;
    private final LocalPlan plan;

    public PartProcess(LocalDirectory directory, LocalPlan plan) {
        this.directory = directory;
        this.plan = plan;
    }

    /**
     * The process outlives this one. What it prints is appended to its log.
     *
     * <p>{@code setsid} and the launchers replace themselves, so the process's id is the part's.
     */
    public Process start(Part part, RunAs runAs) throws IOException {
        List<String> command = new ArrayList<>();
        command.add("setsid");
        command.addAll(part.command());
        ProcessBuilder builder = new ProcessBuilder(runAs.command(command));
        Map<String, String> environment = builder.environment();
        Map<String, String> wanted = environmentOf(part, environment);
        environment.clear();
        environment.putAll(wanted);
        Path log = directory.log(part.name());
        return builder.directory(directory.root().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Only what is named here: a caller's PGPORT or AWS_PROFILE must not reach the cluster. */
    private Map<String, String> environmentOf(Part part, Map<String, String> ours) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", ours.getOrDefault("PATH", "/usr/bin:/bin"));
        environment.put("LANG", "C.UTF-8");
        environment.put("HOME", directory.root().toString());
        environment.put("TMPDIR", directory.scratch().toString());
        environment.put("MATRIARCH_JAVA_HOME", plan.host().javaHome());
        // A keeper has it in its own environment already.
        String scratch = "-Djava.io.tmpdir=" + directory.scratch();
        String options = ours.getOrDefault(JAVA_OPTIONS, "");
        environment.put(
                JAVA_OPTIONS,
                options.contains(scratch) ? options : (scratch + " " + options).strip());
        environment.put(MARK, plan.id() + "/" + part.name());
        environment.putAll(part.environment());
        return environment;
    }
}
