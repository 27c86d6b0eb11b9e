package io.matriarch.local;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.LocalShape;
import io.matriarch.local.plan.RunAs;
import io.matriarch.local.process.Ending;
import io.matriarch.local.process.Part;
import io.matriarch.local.process.PartProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Starts the keeper and waits until the cluster serves. If it does not come to that, everything
 * that was started is ended again.
 */
final class Startup {

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int LOG_LINES = 5;

    private final LocalConfiguration configuration;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Thread ending;

    Startup(LocalConfiguration configuration, PrintWriter out, PrintWriter err) {
        this.configuration = configuration;
        this.out = out;
        this.err = err;
        this.ending = Thread.ofPlatform().name("ending").unstarted(this::end);
    }

    /** Returns the keeper's process once the cluster serves. */
    Process run(RunAs runAs, Duration patience) throws InterruptedException {
        Clock clock = new Clock(System.nanoTime(), patience);
        Runtime.getRuntime().addShutdownHook(ending);
        boolean serves = false;
        try {
            Process keeper = startKeeper(runAs);
            say("starting %d processes in %s", partCount(), configuration.directory().root());
            await(keeper, clock, this::processesMissing);
            say("all processes started (%s)", clock);
            Readiness readiness = new Readiness(configuration.plan());
            await(keeper, clock, readiness::writesMissing);
            say("writes go through the ambassador (%s)", clock);
            await(keeper, clock, readiness::standbysMissing);
            int standbys = configuration.plan().shape().nodes() - 1;
            if (standbys > 0) {
                say("%d of %d standbys stream (%s)", standbys, standbys, clock);
            }
            tellHowToConnect();
            serves = true;
            return keeper;
        } finally {
            // Until here Ctrl-C, too, has ended what was started.
            Runtime.getRuntime().removeShutdownHook(ending);
            if (!serves) {
                end();
            }
        }
    }

    /** From now on the cluster ends when this process does. */
    void endWithThisProcess() {
        Runtime.getRuntime().addShutdownHook(ending);
    }

    /** Whether the cluster is being ended because this process is; returns when it has ended. */
    boolean hasEndedWithThisProcess() throws InterruptedException {
        boolean isEnding = ending.isAlive();
        ending.join();
        return isEnding;
    }

    private void end() {
        try {
            new Ending(configuration.directory(), configuration.plan()).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process startKeeper(RunAs runAs) {
        LocalDirectory directory = configuration.directory();
        try {
            Path log = directory.log(Part.KEEPER);
            if (!Files.exists(log)) {
                Files.createFile(log);
                runAs.own(log);
            }
            Files.deleteIfExists(directory.clusterFile());
            return new PartProcess(directory, configuration.plan())
                    .start(Part.keeper(directory), runAs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<String> processesMissing() {
        return Files.exists(configuration.directory().clusterFile())
                ? Optional.empty()
                : Optional.of("not all processes are started");
    }

    private void await(Process keeper, Clock clock, Supplier<Optional<String>> question)
            throws InterruptedException {
        while (true) {
            Optional<String> missing = question.get();
            if (missing.isEmpty()) {
                return;
            }
            if (!keeper.isAlive()) {
                showLogs();
                throw CommandFailure.failed(
                        "keeper: it ended with status " + keeper.exitValue(),
                        "read " + configuration.directory().log(Part.KEEPER));
            }
            if (clock.isOver()) {
                showLogs();
                throw new CommandFailure(
                        ExitStatus.TIMED_OUT,
                        "cluster: it does not serve after " + clock + ": " + missing.get(),
                        "the logs below "
                                + configuration.directory().root()
                                + " tell more; everything that was started is ended again");
            }
            Thread.sleep(LOOK);
        }
    }

    private void showLogs() {
        showLog(Part.KEEPER);
        Part.all(configuration).forEach(part -> showLog(part.name()));
        err.flush();
    }

    private void showLog(String part) {
        Path log = configuration.directory().log(part);
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            if (!lines.isEmpty()) {
                err.println("--- " + log);
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                        .forEach(err::println);
            }
        } catch (IOException e) {
            err.println("--- " + log + ": not readable: " + e.getMessage());
        }
    }

    private void tellHowToConnect() {
        LocalPlan plan = configuration.plan();
        LocalShape shape = plan.shape();
        out.println();
        for (String side : List.of("read-write", "read-only")) {
            out.printf(
                    "%-11s postgresql://%s:%s@%s/%s%n",
                    side,
                    shape.user(),
                    plan.secrets().application(),
                    plan.address("ambassador." + side),
                    shape.database());
        }
        out.printf("%-11s %s%n", "repository", configuration.repository());
        out.printf("%-11s %s%n", "scripts", configuration.directory().clusterFile());
        out.printf(
                "%-11s matriarch local down --dir %s%n", "end", configuration.directory().root());
        out.flush();
    }

    private int partCount() {
        return Part.all(configuration).size();
    }

    private void say(String format, Object... values) {
        out.printf(format + "%n", values);
        out.flush();
    }

    /** The time since the start, and its limit. */
    private record Clock(long begun, Duration patience) {

        boolean isOver() {
            return elapsed() > patience.toNanos();
        }

        private long elapsed() {
            return System.nanoTime() - begun;
        }

        @Override
        public String toString() {
            return "%.1f s".formatted(elapsed() / 1e9);
        }
    }
}
