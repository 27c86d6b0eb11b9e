package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Restoring;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Workplace;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A cluster from its start to its end, and again. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UpAndDownIT {

    private static final int TIMED_OUT = 5;
    private static final String SOME_SECONDS = "25";
    private static final int MANY = 500;

    @Test
    void a_cluster_takes_writes_when_up_returns_and_leaves_no_process_when_down_returns()
            throws InterruptedException, SQLException {
        Workplace place = Workplace.make();
        RunningCluster cluster = new RunningCluster(Launcher.here(), place.resolve("c"));
        try {
            cluster.up("--nodes", "1", "--store", "directory");
            cluster.application().execute("CREATE TABLE kept AS SELECT 42 AS n");
            assertThat(processesIn(cluster.root())).isNotEmpty();

            cluster.down();

            assertThat(processesIn(cluster.root())).isEmpty();
            assertThat(cluster.file().ambassador().pid()).isNull();
            assertThat(cluster.down().status()).isZero();

            cluster.up("--nodes", "1", "--store", "directory");

            assertThat(cluster.application().number("SELECT n FROM kept")).isEqualTo(42);
        } finally {
            cluster.down();
            assertThat(processesIn(cluster.root())).isEmpty();
            place.remove();
        }
    }

    @Test
    void what_goes_down_together_comes_back_with_the_same_primary_and_every_row()
            throws InterruptedException, SQLException, IOException {
        Workplace place = Workplace.make();
        RunningCluster cluster = new RunningCluster(Launcher.here(), place.resolve("c"));
        String[] options = {"--nodes", "3", "--sync", "off", "--store", "directory"};
        try {
            cluster.up(options);
            // Not the first by name, which wins among equals.
            moveTo("node3", cluster);
            long rewinds = rewinds(cluster);
            try (RecordingWriter writer =
                    RecordingWriter.start(
                            cluster.target("kept"), RecordingWriter.Manner.RESTLESS)) {
                await("many writes go through")
                        .atMost(LocalCluster.PATIENCE)
                        .until(() -> writer.count() > MANY);

                cluster.down();
                cluster.up(options);

                assertThat(cluster.primary().name()).isEqualTo("node3");
                assertThat(writer.verdict().lost()).isEmpty();
            }
            assertThat(rewinds(cluster)).isEqualTo(rewinds);
        } finally {
            cluster.down();
            place.remove();
        }
    }

    private static void moveTo(String member, RunningCluster cluster) throws InterruptedException {
        if (!cluster.primaryIfReachable().orElseThrow().name().equals(member)) {
            cluster.command("switchover", "--to", member, "--yes").orFail();
        }
        await(member + " is the primary of a whole cluster")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.isWhole()
                                && cluster.primaryIfReachable()
                                        .filter(node -> node.name().equals(member))
                                        .isPresent());
    }

    /** How often a member has decided to be rewound. */
    private static long rewinds(RunningCluster cluster) {
        return cluster.file().nodes().stream()
                .flatMap(node -> cluster.log(node).lines())
                .filter(line -> line.contains("\"Rewind\""))
                .count();
    }

    @Test
    void a_data_directory_of_another_cluster_is_refused_and_left_as_it_is()
            throws InterruptedException, IOException {
        Workplace place = Workplace.make();
        RunningCluster cluster = new RunningCluster(Launcher.here(), place.resolve("c"));
        try {
            cluster.up("--nodes", "2", "--store", "directory");
            cluster.down();
            Path data = Path.of(cluster.node("node2").dataDir());
            Path own = Files.move(data, data.resolveSibling("own"));
            new Restoring(cluster)
                    .postgres(Map.of(), "initdb", "--no-sync", "--pgdata=" + data)
                    .orFail();
            byte[] control = Files.readAllBytes(data.resolve("global/pg_control"));

            Ended ended =
                    cluster.tryUp(
                            "--nodes", "2", "--store", "directory", "--timeout", SOME_SECONDS);

            assertThat(ended.status()).isEqualTo(TIMED_OUT);
            assertThat(ended.errors()).contains("the data directory belongs to another cluster");
            assertThat(data.resolve("global/pg_control")).hasBinaryContent(control);
            assertThat(own.resolve("global/pg_control")).exists();
            assertThat(processesIn(cluster.root())).isEmpty();
        } finally {
            cluster.down();
            place.remove();
        }
    }

    /** By what the kernel says of each, not by what the cluster knows of itself. */
    private static List<Long> processesIn(Path directory) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> pid != ProcessHandle.current().pid())
                .filter(pid -> mentions(pid, directory))
                .toList();
    }

    private static boolean mentions(long pid, Path directory) {
        Path facts = Path.of("/proc", Long.toString(pid));
        try {
            String command =
                    new String(
                            Files.readAllBytes(facts.resolve("cmdline")), StandardCharsets.UTF_8);
            return command.contains(directory.toString())
                    || Files.readSymbolicLink(facts.resolve("cwd")).startsWith(directory);
        } catch (IOException e) {
            // It ended meanwhile, or has no command line: a kernel thread.
            return false;
        }
    }
}
