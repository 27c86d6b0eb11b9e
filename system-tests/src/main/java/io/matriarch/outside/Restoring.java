package io.matriarch.outside;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Restores of a local cluster into directories beside it, by {@code matriarch restore}. */
public final class Restoring {

    private static final Duration PROGRAM = Duration.ofMinutes(3);

    private final RunningCluster cluster;

    public Restoring(RunningCluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Restores a moment.
     *
     * @param time with its offset
     */
    public Ended files(Path target, String time) throws InterruptedException {
        return restore(target, time, List.of());
    }

    /** Restores a moment and starts a server on it, on localhost. */
    public Ended server(Path target, String time, int port) throws InterruptedException {
        return restore(target, time, List.of("--start", "--port", Integer.toString(port)));
    }

    private Ended restore(Path target, String time, List<String> more) throws InterruptedException {
        List<String> options = new ArrayList<>(List.of("--point-in-time", time, "--json"));
        options.addAll(List.of("--target-dir", target.toString()));
        options.addAll(more);
        String owner = cluster.owner().user();
        if (owner != null) {
            options.addAll(List.of("--owner", owner));
        }
        return cluster.command("restore", options.toArray(String[]::new));
    }

    /** What PostgreSQL's own program says of the restored files, WAL left out. */
    public Ended verify(Path target) throws InterruptedException {
        return postgres("pg_verifybackup", "-n", target.toString());
    }

    /** Stops the server on a directory, if there is one. */
    public void stop(Path target) throws InterruptedException {
        if (Files.exists(target.resolve("postmaster.pid"))) {
            postgres("pg_ctl", "stop", "--mode=fast", "--wait", "--pgdata=" + target).orFail();
        }
    }

    private Ended postgres(String program, String... arguments) throws InterruptedException {
        return postgres(Map.of(), program, arguments);
    }

    /** One of PostgreSQL's programs, run as the owner of the cluster's files. */
    public Ended postgres(Map<String, String> environment, String program, String... arguments)
            throws InterruptedException {
        List<String> words =
                Stream.concat(Stream.of(cluster.program(program).toString()), Stream.of(arguments))
                        .toList();
        return Programs.run(PROGRAM, environment, cluster.owner().command(words));
    }
}
