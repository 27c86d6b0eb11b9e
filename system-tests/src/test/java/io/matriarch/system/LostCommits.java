package io.matriarch.system;

import static org.awaitility.Awaitility.await;

import io.matriarch.failover.side.MemberProcesses;
import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.local.process.Part;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Programs;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Commits that no standby of an asynchronous cluster has when the primary's host dies. */
final class LostCommits {

    private static final Duration DUMP = Duration.ofSeconds(20);

    private final RunningCluster cluster;

    LostCommits(RunningCluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Keeps standbys away from a primary, and gives it a checkpoint and a new segment before that.
     * Its {@code pg_hba.conf} is on no other member, so it is theirs that counts later.
     */
    void cutStandbysOff(ClusterFile.Node primary) throws SQLException {
        cluster.superuser().execute("CHECKPOINT", "SELECT pg_switch_wal()");
        await("the standby has everything")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.superuser()
                                .text(
                                        "SELECT coalesce(bool_and(replay_lsn >="
                                                + " pg_current_wal_lsn()), false) FROM"
                                                + " pg_stat_replication WHERE state = 'streaming'")
                                .equals("t"));
        letReplicate(primary, false);
        await("nobody streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.superuser()
                                        .number(
                                                "SELECT count(pg_terminate_backend(pid)) FROM"
                                                        + " pg_stat_replication")
                                == 0);
    }

    void letReplicate(ClusterFile.Node primary, boolean mayReplicate) throws SQLException {
        Path access = Path.of(primary.dataDir(), "pg_hba.conf");
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(access));
            lines.removeIf(line -> line.contains("replication"));
            if (mayReplicate) {
                lines.add("local replication all scram-sha-256");
                lines.add("host replication all all scram-sha-256");
            }
            Files.write(access, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cluster.superuser().execute("SELECT pg_reload_conf()");
    }

    /** Commits so many rows, each in a segment of its own; their transactions. */
    List<String> commit(int rows) throws SQLException {
        List<String> transactions = new ArrayList<>();
        for (int row = 1; row <= rows; row++) {
            if (row > 1) {
                cluster.superuser().execute("SELECT pg_switch_wal()");
            }
            transactions.add(
                    cluster.application()
                            .text(
                                    "INSERT INTO notes VALUES ('lost') RETURNING"
                                            + " pg_current_xact_id()"));
        }
        return transactions;
    }

    /** As an operator does it: in the configuration, and by a restart of the sidecar. */
    void acceptLoss(ClusterFile.Node member, String most) {
        Path configuration = cluster.root().resolve(member.name()).resolve("sidecar.yaml");
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(configuration));
            lines.removeIf(line -> line.startsWith("election:"));
            lines.add("election: {most-loss: " + most + "}");
            Files.write(configuration, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long former = Optional.ofNullable(cluster.node(member.name()).sidecarPid()).orElseThrow();
        RunningCluster.kill(former);
        await("its sidecar is another one")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> isReplaced(member.name(), former));
    }

    private boolean isReplaced(String member, long former) {
        Long present = cluster.node(member).sidecarPid();
        return present != null && present != former;
    }

    /** Another member succeeds it before what is to be done is done, and it may come back. */
    void killHost(ClusterFile.Node primary, Meanwhile meanwhile) throws Exception {
        takeAway(
                primary,
                () -> {
                    await("another member is primary")
                            .atMost(LocalCluster.PATIENCE)
                            .until(() ->
                                    cluster.primaryIfReachable()
                                            .filter(now -> !now.name().equals(primary.name()))
                                            .isPresent());
                    meanwhile.run();
                });
    }

    /** Everything of a member at once; what is to be done before it may come back; and it does. */
    void takeAway(ClusterFile.Node node, Meanwhile meanwhile) throws Exception {
        MemberProcesses all =
                new MemberProcesses(
                        List.of(Optional.ofNullable(node.sidecarPid()).orElseThrow()),
                        List.of(Optional.ofNullable(node.supervisorPid()).orElseThrow()),
                        cluster.postmaster(node).orElseThrow());
        List<Long> keeper = List.of(cluster.part(Part.KEEPER).pid());
        Signals.send("STOP", keeper);
        try {
            Signals.send("KILL", all.stopped());
            meanwhile.run();
        } finally {
            Signals.send("CONT", keeper);
        }
    }

    /** What happens while a host is away. */
    @FunctionalInterface
    interface Meanwhile {
        void run() throws Exception;
    }

    static List<Path> beside(ClusterFile.Node node, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(node.dataDir() + ".matriarch"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    /** What {@code pg_waldump} finds beyond the fork that a folder's name tells. */
    String dump(Path kept) throws InterruptedException {
        String[] name = kept.getFileName().toString().split("-", -1);
        String fork = name[name.length - 2] + "/" + name[name.length - 1];
        String timeline = name[4];
        // It ends with 1 where the log does.
        Ended ended =
                Programs.run(
                        DUMP,
                        Map.of(),
                        List.of(
                                cluster.program("pg_waldump").toString(),
                                "--path=" + kept,
                                "--timeline=" + timeline,
                                "--start=" + fork));
        return ended.output();
    }

    static String commitOf(String transaction) {
        return "(?s).*rmgr: Transaction [^\n]*tx: +" + transaction + ",[^\n]*COMMIT.*";
    }
}
