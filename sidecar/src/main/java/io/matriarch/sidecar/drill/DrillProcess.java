package io.matriarch.sidecar.drill;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.sidecar.configuration.ConfigurationException;
import io.matriarch.sidecar.configuration.DrillSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code matriarch drill} as a process of its own. Where memory runs out the kernel ends it, and
 * what it has started, before the sidecar; and it lets others go first.
 */
final class DrillProcess {

    private static final Logger log = LoggerFactory.getLogger(DrillProcess.class);

    /** What {@code bin/matriarch} tells the programs that it starts. */
    static final String LAUNCHER = "matriarch.launcher";

    private static final Path USUAL = Path.of("/usr/lib/postgresql");
    private static final String CONTROL = "pg_ctl";

    private static final String MODESTLY =
            "echo 1000 > /proc/self/oom_score_adj; exec nice -n 10 \"$@\"";

    private final List<String> command;

    private DrillProcess(List<String> command) {
        this.command = List.copyOf(command);
    }

    /**
     * How it is started.
     *
     * @throws ConfigurationException if it would certainly be of no use
     */
    static DrillProcess of(DrillSettings settings) {
        return of(settings, System.getProperty(LAUNCHER), USUAL);
    }

    /**
     * @param launcher of this program; absent if it was started without
     * @param usual where the programs of each version have a folder
     */
    static DrillProcess of(DrillSettings settings, @Nullable String launcher, Path usual) {
        if (launcher == null) {
            throw new ConfigurationException(
                    "drill.schedule: this sidecar was not started by bin/matriarch (expected: so,"
                            + " for it starts the drill)");
        }
        requirePrograms(settings, usual);
        if (!Files.isDirectory(settings.scratch())) {
            throw new ConfigurationException(
                    "drill.scratch-directory: "
                            + settings.scratch()
                            + " is not there (expected: a directory with room for the cluster)");
        }
        if (new ServerUser(settings.owner()).isRoot()) {
            throw new ConfigurationException(
                    "drill.owner: "
                            + settings.owner().orElse("absent")
                            + " (expected: another user than root, who PostgreSQL can run as)");
        }
        List<String> command = new ArrayList<>(List.of("sh", "-c", MODESTLY, "sh", launcher));
        command.addAll(settings.arguments());
        return new DrillProcess(command);
    }

    private static void requirePrograms(DrillSettings settings, Path usual) {
        Optional<Path> named = settings.programs();
        boolean isThere =
                named.map(it -> Files.isExecutable(it.resolve(CONTROL)))
                        .orElseGet(() -> hasAnyVersion(usual));
        if (!isThere) {
            throw new ConfigurationException(
                    "drill.programs: "
                            + named.map(Path::toString).orElse(usual + "/*/bin")
                            + " holds no pg_ctl (expected: PostgreSQL's programs, without which no"
                            + " drill can be held here: hold it elsewhere, as in 'matriarch drill"
                            + " --config FILE' in a container of PostgreSQL's image)");
        }
    }

    private static boolean hasAnyVersion(Path usual) {
        try {
            return FolderEntries.of(usual).stream()
                    .anyMatch(it -> Files.isExecutable(it.resolve("bin").resolve(CONTROL)));
        } catch (IOException absent) {
            return false;
        }
    }

    List<String> command() {
        return command;
    }

    /** Holds a drill, and tells the log how it has ended; returns its exit status. */
    int hold() throws InterruptedException {
        long began = System.nanoTime();
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true);
        // They are the sidecar's.
        builder.environment().remove("MATRIARCH_JAVA_OPTS");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    "drill cannot be started: " + e.getMessage(), "see docs/drills.md", e);
        }
        try {
            process.getOutputStream().close();
            String reason = reason(process);
            int status = process.waitFor();
            tell(status, reason, Duration.ofNanos(System.nanoTime() - began));
            return status;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // Told to end, it puts its things away.
            process.destroy();
        }
    }

    /** Reads all that it says, for else it would wait; the line that says why it failed. */
    private static String reason(Process process) throws InterruptedException {
        Said said = new Said(process);
        Thread reader = Thread.ofVirtual().name("drill-output").start(said::read);
        reader.join();
        return said.reason;
    }

    private static final class Said {

        private final Process process;
        private volatile String reason = "";

        Said(Process process) {
            this.process = process;
        }

        void read() {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("! ") || line.startsWith("matriarch: ")) {
                        reason = line.substring(line.indexOf(' ') + 1);
                    }
                }
            } catch (IOException ended) {
                // By us: there is nothing more to hear.
                return;
            }
        }
    }

    private static void tell(int status, String reason, Duration took) {
        if (status == ExitStatus.DONE.code()) {
            log.atInfo().addKeyValue("tookMs", took.toMillis()).log("drill has proven the archive");
        } else {
            log.atError()
                    .addKeyValue("status", status)
                    .addKeyValue("reason", reason)
                    .addKeyValue("tookMs", took.toMillis())
                    .log("drill failed");
        }
    }
}
