package io.matriarch.local.process;

import io.matriarch.cli.CommandFailure;
import io.matriarch.local.plan.Ground;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a local cluster's processes and starts again those that must not stay away, as a container
 * runtime would. It keeps {@code cluster.json} true.
 *
 * <p>When the keeper is killed the cluster lives on, unkept. Each process has a thread that waits
 * for it; the one thread of {@link #run} owns the table of process ids and the file.
 */
public final class Keeper {

    private static final Logger log = LoggerFactory.getLogger(Keeper.class);

    private static final Duration FOUNDATION_PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final int CONNECT_MILLIS = 1_000;
    private static final int QUEUE = 64;

    private final LocalConfiguration configuration;
    private final PartProcess processes;
    private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(QUEUE);
    private final Map<String, Long> pids = new HashMap<>();

    public Keeper(LocalConfiguration configuration) {
        this.configuration = configuration;
        this.processes = new PartProcess(configuration.directory(), configuration.plan());
    }

    /** A part has a new process, or none any more. */
    private record Change(String part, @Nullable Long pid) {}

    /** Runs until the process is ended from outside. */
    public void run() throws InterruptedException {
        Map<Part, Process> foundation = new LinkedHashMap<>();
        Part.foundation(configuration).forEach(part -> foundation.put(part, begin(part)));
        Part.supervisors(configuration).forEach(this::begin);
        for (Map.Entry<Part, Process> each : foundation.entrySet()) {
            awaitListening(each.getKey(), each.getValue());
        }
        Part.sidecars(configuration).forEach(this::begin);
        write();
        while (true) {
            Change change = changes.take();
            pids.compute(change.part, (part, before) -> change.pid);
            write();
        }
    }

    private Process begin(Part part) {
        Process process = start(part);
        pids.put(part.name(), process.pid());
        Thread.ofVirtual().name("watch " + part.name()).start(() -> watch(part, process));
        return process;
    }

    private Process start(Part part) {
        try {
            Process process = processes.start(part, new RunAs(null));
            log.atInfo()
                    .addKeyValue("part", part.name())
                    .addKeyValue("pid", process.pid())
                    .log("process started");
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lives as long as the part is to live. */
    private void watch(Part part, Process first) {
        try {
            Process process = first;
            RestartPause pause = RestartPause.NONE;
            while (true) {
                long begun = System.nanoTime();
                int status = process.waitFor();
                Duration life = Duration.ofNanos(System.nanoTime() - begun);
                pause = pause.after(life);
                log.atWarn()
                        .addKeyValue("part", part.name())
                        .addKeyValue("pid", process.pid())
                        .addKeyValue("status", status)
                        .log("process ended");
                if (!part.kept()) {
                    changes.put(new Change(part.name(), null));
                    return;
                }
                Thread.sleep(pause.length());
                process = start(part);
                changes.put(new Change(part.name(), process.pid()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitListening(Part part, Process process) throws InterruptedException {
        int port = configuration.plan().port(part.name());
        long deadline = System.nanoTime() + FOUNDATION_PATIENCE.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw CommandFailure.failed(
                        part.name() + ": does not listen at " + part.address(),
                        "read " + configuration.directory().log(part.name()));
            }
            Thread.sleep(LOOK);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void write() {
        try {
            Ground.replace(
                    configuration.directory().clusterFile(),
                    JsonText.of(ClusterFile.of(configuration, pids)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
