package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import java.sql.SQLException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A primary crashes whose standbys need not have every commit. */
@Isolated("what is faster depends on who else is at work")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AsynchronousCrashIT {

    private static final String TIMELINE = "SELECT timeline_id FROM pg_control_checkpoint()";

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "2", "--sync", "off");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void who_has_little_to_replay_goes_on_by_itself_and_loses_nothing()
            throws SQLException, InterruptedException {
        ClusterFile.Node primary = cluster.primary();
        cluster.superuser().execute("CHECKPOINT");
        String timeline = cluster.superuser().text(TIMELINE);
        try (RecordingWriter writer = RecordingWriter.start(cluster.target("little"))) {
            LocalCluster.awaitMore(writer);

            RunningCluster.kill(cluster.postmaster(primary).orElseThrow().pid());

            LocalCluster.awaitMore(writer);
            assertThat(writer.verdict().lost()).isEmpty();
        }
        assertThat(cluster.primary().name()).isEqualTo(primary.name());
        assertThat(cluster.superuser().text(TIMELINE)).isEqualTo(timeline);
    }

    @Test
    void who_has_much_to_replay_is_succeeded() throws SQLException {
        ClusterFile.Node old = cluster.primary();
        cluster.application()
                .execute(
                        "CREATE TABLE much AS SELECT i, repeat('much', 300) AS text"
                                + " FROM generate_series(1, 100000) AS i");

        RunningCluster.kill(cluster.postmaster(old).orElseThrow().pid());

        await("another member is primary")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.primaryIfReachable()
                                .filter(now -> !now.name().equals(old.name()))
                                .isPresent());
    }
}
