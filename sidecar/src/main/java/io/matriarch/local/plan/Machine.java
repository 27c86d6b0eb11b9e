package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a local cluster needs of the machine; each thing missing is one refusal. */
public final class Machine {

    private static final List<String> PROGRAMS =
            List.of("postgres", "initdb", "pg_ctl", "pg_controldata", "pg_rewind", "pg_basebackup");
    private static final int NEWEST = 18;
    private static final int OLDEST = 14;

    private final Map<String, String> environment;
    private final RunAs runAs;

    public Machine(Map<String, String> environment, RunAs runAs) {
        this.environment = environment;
        this.runAs = runAs;
    }

    /** Looks for everything; changes nothing. */
    public LocalPlan.Host inspect() {
        runAs.requireUser();
        Stream.of("bash", "setsid", "flock")
                .filter(program -> !isOnPath(program))
                .findFirst()
                .ifPresent(program -> {
                    throw CommandFailure.refused(
                            "program: " + program + " was not found on the PATH",
                            "install bash and util-linux");
                });
        Path java = Path.of(System.getProperty("java.home"));
        if (!runAs.succeeds("test", "-x", java.resolve("bin/java").toString())) {
            throw CommandFailure.refused(
                    "java: " + java + " cannot be run by user " + runAs.user(),
                    "set MATRIARCH_JAVA_HOME to a Java that everybody may run");
        }
        return new LocalPlan.Host(java.toString(), postgresPrograms().toString(), runAs.user());
    }

    /** Refuses a directory that the cluster's user could not reach. */
    public void requireReachable(LocalDirectory directory) {
        Path ancestor = directory.root().resolve("..").normalize();
        while (!Files.exists(ancestor)) {
            ancestor = ancestor.resolve("..").normalize();
        }
        if (!runAs.succeeds("sh", "-c", "cd \"$1\"", "sh", ancestor.toString())) {
            throw CommandFailure.refused(
                    "directory: "
                            + directory.root()
                            + " cannot be reached by user "
                            + runAs.user()
                            + ", for it may not enter "
                            + ancestor,
                    "give a directory elsewhere, or run as somebody else than root");
        }
    }

    private Path postgresPrograms() {
        String given = environment.get("MATRIARCH_PGBIN");
        if (given != null) {
            if (!holdsAll(Path.of(given))) {
                throw CommandFailure.refused(
                        "MATRIARCH_PGBIN: "
                                + given
                                + " (expected: a directory with "
                                + names()
                                + ")",
                        "set it to a directory like /usr/lib/postgresql/15/bin");
            }
            return Path.of(given);
        }
        return IntStream.iterate(NEWEST, major -> major >= OLDEST, major -> major - 1)
                .boxed()
                .flatMap(major ->
                        Stream.of(
                                "/usr/lib/postgresql/" + major + "/bin",
                                "/usr/pgsql-" + major + "/bin"))
                .map(Path::of)
                .filter(Machine::holdsAll)
                .findFirst()
                .orElseThrow(() ->
                        CommandFailure.refused(
                                "PostgreSQL: the server programs of a version "
                                        + OLDEST
                                        + " to "
                                        + NEWEST
                                        + " were not found below /usr/lib/postgresql",
                                "install them (Debian: apt install postgresql), or set"
                                        + " MATRIARCH_PGBIN"));
    }

    private static boolean holdsAll(Path directory) {
        return PROGRAMS.stream().allMatch(name -> Files.isExecutable(directory.resolve(name)));
    }

    private static String names() {
        return String.join(", ", PROGRAMS);
    }

    private boolean isOnPath(String program) {
        return Stream.of(environment.getOrDefault("PATH", "/usr/bin:/bin").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
