package io.matriarch.demo;

import io.matriarch.local.process.OwnProcess;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Workplace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Where the demo plays: a temporary directory, a cluster in it, and servers restored beside it. */
final class Stage {

    private static final int LOG_LINES = 8;

    private final Workplace place;
    private final RunningCluster cluster;
    private final PrintWriter out;
    private final List<Path> restored = new CopyOnWriteArrayList<>();

    private Stage(Workplace place, RunningCluster cluster, PrintWriter out) {
        this.place = place;
        this.cluster = cluster;
        this.out = out;
    }

    static Stage set(Launcher launcher, PrintWriter out) {
        Workplace place = Workplace.make();
        return new Stage(place, new RunningCluster(launcher, place.resolve("cluster")), out);
    }

    RunningCluster cluster() {
        return cluster;
    }

    Path root() {
        return place.root();
    }

    Path resolve(String name) {
        return place.resolve(name);
    }

    Restoring restoring() {
        return new Restoring(cluster);
    }

    /** A directory on which a server may run, to be stopped at the end in any case. */
    void watch(Path directory) {
        restored.add(directory);
    }

    void stopRestored() throws InterruptedException {
        for (Path directory : restored) {
            restoring().stop(directory);
        }
    }

    /** Ends whatever runs; what lives all the same is returned. */
    List<OwnProcess> endProcesses() throws InterruptedException {
        if (!Files.exists(cluster.root().resolve("local.json"))) {
            return List.of();
        }
        stopRestored();
        cluster.down();
        return cluster.processes();
    }

    void remove() throws InterruptedException {
        place.remove();
    }

    /** As the last act of a process that is being ended. */
    void clear() {
        try {
            out.println();
            out.println("Interrupted: everything is being ended and removed.");
            out.flush();
            endProcesses();
            remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (OutsideException e) {
            out.println(e.getMessage());
            out.flush();
        }
    }

    /** The end of each log. */
    void showLogs() {
        try (Stream<Path> files = Files.walk(place.root(), 3)) {
            for (Path file : files.filter(it -> it.toString().endsWith(".log")).sorted().toList()) {
                List<String> lines = Files.readAllLines(file);
                out.println("--- " + file);
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                        .forEach(out::println);
            }
        } catch (IOException | UncheckedIOException e) {
            out.println("--- the logs cannot be read: " + e.getMessage());
        }
    }
}
