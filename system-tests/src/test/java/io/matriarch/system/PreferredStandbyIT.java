package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.failover.side.MemberProcesses;
import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import io.matriarch.workload.RecordingWriter.Manner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A preferred standby lags when the primary is lost. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PreferredStandbyIT {

    /** The bit of SIGTERM among the signals that wait for a process. */
    private static final long SIGTERM = 1 << 14;

    /** The lower the number of a node, the higher its priority. */
    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "3", "--priorities", "30,20,10");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void it_fetches_what_it_lacks_and_becomes_primary()
            throws SQLException, InterruptedException, IOException {
        ClusterFile.Node old = cluster.primary();
        ClusterFile.Node preferred =
                cluster.file().nodes().stream()
                        .filter(node -> !node.name().equals(old.name()))
                        .min(Comparator.comparing(ClusterFile.Node::name))
                        .orElseThrow();
        long receiver = receiverOf(preferred);
        long decidedBefore = decisions(preferred, "CatchUp");
        try (RecordingWriter writer =
                RecordingWriter.start(
                        cluster.target("preferred"), Manner.pausing(Duration.ofMillis(2)))) {
            LocalCluster.awaitMore(writer);
            Signals.send("STOP", List.of(receiver));
            LocalCluster.awaitMore(writer);

            RunningCluster.kill(cluster.postmaster(old).orElseThrow().pid());
            // What the last primary has sent lies in a buffer; it must not be read any more.
            await("the receiver is told to end")
                    .atMost(LocalCluster.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> isToldToEnd(receiver));
            Signals.send("CONT", List.of(receiver));

            await("another member is primary")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.primaryIfReachable()
                                    .filter(now -> !now.name().equals(old.name()))
                                    .isPresent());
            assertThat(cluster.primary().name()).isEqualTo(preferred.name());
            assertThat(decisions(preferred, "CatchUp")).isGreaterThan(decidedBefore);
            LocalCluster.awaitMore(writer);
            assertThat(writer.verdict().lost()).isEmpty();
        }
        CLUSTER.awaitWhole();
    }

    private long receiverOf(ClusterFile.Node standby) {
        ProcessHandle postmaster = cluster.postmaster(standby).orElseThrow();
        return new MemberProcesses(List.of(), List.of(), postmaster).walReceiver().orElseThrow();
    }

    private static boolean isToldToEnd(long process) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process + "/status"))) {
            return lines.filter(line -> line.startsWith("ShdPnd:"))
                    .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .anyMatch(pending -> (pending & SIGTERM) != 0);
        }
    }

    private long decisions(ClusterFile.Node node, String kind) throws IOException {
        return cluster.log(node)
                .lines()
                .filter(line -> line.matches(".*decision=\"?" + kind + "\\b.*"))
                .count();
    }
}
