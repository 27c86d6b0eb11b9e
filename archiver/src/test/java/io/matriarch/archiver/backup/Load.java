package io.matriarch.archiver.backup;

import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.postgresql.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Clients that write to a cluster until this is closed. */
final class Load implements AutoCloseable {

    private final Process process;

    private Load(Process process) {
        this.process = process;
    }

    /** Transactions of pgbench, on tables made by its {@code --initialize}. */
    static Load ofAccounts(TestCluster cluster) throws Exception {
        return begin(cluster, List.of());
    }

    /** Tables that come, grow, shrink and go. */
    static Load ofChurn(TestCluster cluster) throws Exception {
        Path script = cluster.fresh("churn.sql");
        Files.writeString(
                script,
                """
                \\set n random(1, 9)
                CREATE TABLE IF NOT EXISTS churn_:client_id (g int, r text);
                INSERT INTO churn_:client_id SELECT g, repeat('x', 500) FROM generate_series(1, 200 * :n) g;
                TRUNCATE churn_:client_id;
                INSERT INTO churn_:client_id SELECT g, repeat('y', 100) FROM generate_series(1, 500 * :n) g;
                DELETE FROM churn_:client_id WHERE g > 100;
                DROP TABLE churn_:client_id;
                """);
        TestCluster.own(script);
        return begin(cluster, List.of("--no-vacuum", "--file=" + script));
    }

    private static Load begin(TestCluster cluster, List<String> more) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                TestCluster.PROGRAMS.resolve("pgbench").toString(),
                                "--host=127.0.0.1",
                                "--port=" + cluster.port(),
                                "--username=" + TestCluster.USER,
                                "--client=2",
                                "--time=600"));
        command.addAll(more);
        command.add("postgres");
        String before = transactions(cluster);
        Load load =
                new Load(
                        TestCluster.begin(
                                cluster.fresh("load.out"), command.toArray(String[]::new)));
        await().atMost(Duration.ofMinutes(1)).until(() -> !transactions(cluster).equals(before));
        return load;
    }

    private static String transactions(TestCluster cluster)
            throws IOException, InterruptedException {
        return cluster.sql("SELECT pg_current_wal_insert_lsn()");
    }

    boolean isRunning() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
