package io.matriarch.system;

import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Workplace;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A real cluster, started by the launcher in a temporary directory and shared by the tests of a
 * class. Each test begins with a cluster that is whole; a test that fails shows the end of each
 * log.
 */
final class LocalCluster
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterAllCallback,
                TestExecutionExceptionHandler {

    static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int LOG_LINES = 40;
    private static final int SOME = 100;

    private final List<String> options;
    private @Nullable Workplace workplace;
    private @Nullable RunningCluster cluster;

    private LocalCluster(List<String> options) {
        this.options = options;
    }

    static LocalCluster with(String... options) {
        return new LocalCluster(List.of(options));
    }

    RunningCluster running() {
        return Optional.ofNullable(cluster).orElseThrow();
    }

    /** A place beside the cluster's directory. */
    Path beside(String name) {
        return Optional.ofNullable(workplace).orElseThrow().resolve(name);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws InterruptedException {
        Rehearsal.require();
        Workplace place = Workplace.make();
        workplace = place;
        cluster = new RunningCluster(Launcher.here(), place.resolve("c"));
        boolean isUp = false;
        try {
            cluster.up(options.toArray(String[]::new));
            isUp = true;
        } finally {
            if (!isUp) {
                place.remove();
            }
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        awaitWhole();
    }

    /** Kills a sidecar with -9, and waits until the keeper has started another. */
    void startSidecarAnew(ClusterFile.Node node) {
        long old = Optional.ofNullable(node.sidecarPid()).orElseThrow();
        RunningCluster.kill(old);
        await("another sidecar runs")
                .atMost(PATIENCE)
                .until(() -> {
                    Long now = running().node(node.name()).sidecarPid();
                    return now != null && now != old;
                });
    }

    /** Clients that write go on. */
    static void awaitMore(RecordingWriter writer) {
        int before = writer.count();
        await("writes go through").atMost(PATIENCE).until(() -> writer.count() > before + SOME);
    }

    void awaitWhole() {
        await("the cluster takes writes and all standbys stream")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(running()::isWhole);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        AssertionError told =
                new AssertionError(failure.getMessage() + "; at last " + lastDecisions(), failure);
        told.addSuppressed(new AssertionError(logs()));
        throw told;
    }

    /** Short enough for a summary of many tests. */
    private String lastDecisions() {
        return running().file().nodes().stream()
                .map(node -> node.name() + ": " + lastDecision(node))
                .collect(Collectors.joining(", "));
    }

    private String lastDecision(ClusterFile.Node node) {
        try {
            return running()
                    .log(node)
                    .lines()
                    .filter(line -> line.contains("event=\"decided\""))
                    .reduce((first, second) -> second)
                    .map(line -> line.replaceAll(" level=.*? decision=", " "))
                    .orElse("nothing decided");
        } catch (UncheckedIOException e) {
            return e.toString();
        }
    }

    private String logs() {
        StringBuilder text = new StringBuilder("the logs' ends:\n");
        try (Stream<Path> files = Files.walk(running().root(), 2)) {
            for (Path file : files.filter(it -> it.toString().endsWith(".log")).sorted().toList()) {
                List<String> lines = Files.readAllLines(file);
                text.append("--- ").append(file).append('\n');
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
        } catch (IOException | UncheckedIOException e) {
            text.append("not readable: ").append(e);
        }
        return text.toString();
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        if (cluster == null || workplace == null || !Files.exists(cluster.root())) {
            return;
        }
        cluster.down();
        workplace.remove();
    }
}
