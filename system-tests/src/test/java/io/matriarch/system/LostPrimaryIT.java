package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** The primary is lost, or moved, while clients write. */
@Isolated("its leases end by the clock")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LostPrimaryIT {

    /** What {@code local up} configures. */
    private static final LeaseSettings LEASE =
            LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void a_killed_postmaster_costs_no_acknowledged_row_and_rejoins_by_itself()
            throws SQLException, InterruptedException {
        ClusterFile.Node old = cluster.primary();
        try (RecordingWriter writer = RecordingWriter.start(cluster.target("postmaster_killed"))) {
            LocalCluster.awaitMore(writer);

            RunningCluster.kill(cluster.postmaster(old).orElseThrow().pid());

            awaitSuccessorOf(old);
            LocalCluster.awaitMore(writer);
            await("the old primary streams")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.isStreaming(old.name()));
            LocalCluster.awaitMore(writer);
            assertThat(writer.verdict().lost()).isEmpty();
        }
        assertThat(cluster.primary().name()).isNotEqualTo(old.name());
    }

    @Test
    void a_killed_sidecar_s_postgres_is_fenced_before_another_is_primary()
            throws SQLException, InterruptedException {
        ClusterFile.Node old = cluster.primary();
        try (RecordingWriter clients = RecordingWriter.start(cluster.target("sidecar_killed"));
                RecordingWriter direct =
                        RecordingWriter.start(
                                cluster.targetAt(old.postgres(), "sidecar_killed_direct"));
                Promotions promotions = Promotions.watch(cluster, old)) {
            LocalCluster.awaitMore(clients);
            LocalCluster.awaitMore(direct);

            long killed = System.nanoTime();
            RunningCluster.kill(Optional.ofNullable(old.sidecarPid()).orElseThrow());

            await("another member is primary")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> promotions.firstNanos().isPresent());
            await("the old primary streams")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.isStreaming(old.name()));
            LocalCluster.awaitMore(clients);
            Duration fencedAfter = Duration.ofNanos(direct.lastNanos() - killed);
            assertThat(fencedAfter)
                    .as("the last commit past the ambassador, after the sidecar's death")
                    .isLessThan(LEASE.length().plus(LEASE.poll()).plus(LEASE.stop()));
            assertThat(direct.lastNanos()).isLessThan(promotions.firstNanos().orElseThrow());
            assertThat(clients.verdict().lost()).isEmpty();
        }
        assertThat(cluster.primary().name()).isNotEqualTo(old.name());
    }

    @Test
    void a_planned_switchover_costs_no_acknowledged_row()
            throws SQLException, InterruptedException {
        ClusterFile.Node old = cluster.primary();
        try (RecordingWriter writer = RecordingWriter.start(cluster.target("switched_over"))) {
            LocalCluster.awaitMore(writer);

            cluster.command("switchover", "--yes").orFail();

            awaitSuccessorOf(old);
            LocalCluster.awaitMore(writer);
            await("the old primary streams")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.isStreaming(old.name()));
            assertThat(writer.verdict().lost()).isEmpty();
        }
        assertThat(cluster.primary().name()).isNotEqualTo(old.name());
    }

    private void awaitSuccessorOf(ClusterFile.Node old) {
        await("another member is primary")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.primaryIfReachable()
                                .filter(now -> !now.name().equals(old.name()))
                                .isPresent());
    }
}
