package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody reads on a standby what the primary has removed, and replay waits for it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReadingStandbyIT {

    private static final String REPLAY_WAITS =
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'startup'"
                    + " AND wait_event LIKE 'RecoveryConflict%'";

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "2");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void a_query_that_replay_would_wait_for_for_ever_does_not_hold_up_a_promotion()
            throws Exception {
        ClusterFile.Node old = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(old).getFirst();
        Database there = cluster.superuser().at(standby.postgres());
        there.execute(
                "ALTER SYSTEM SET max_standby_streaming_delay = -1", "SELECT pg_reload_conf()");
        cluster.superuser()
                .execute("CREATE TABLE read AS SELECT g AS n FROM generate_series(1, 1000) g");
        await("the table is there")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> there.text("SELECT to_regclass('read') IS NOT NULL").equals("t"));

        try (Connection reading = there.connect();
                Statement statement = reading.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SELECT count(*) FROM read");
            cluster.superuser().execute("DELETE FROM read WHERE n <= 900", "VACUUM read");
            await("replay waits")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> there.number(REPLAY_WAITS) == 1);

            RunningCluster.kill(cluster.postmaster(old).orElseThrow().pid());

            await("the standby is primary")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.primaryIfReachable()
                                    .filter(now -> now.name().equals(standby.name()))
                                    .isPresent());
        }
        assertThat(cluster.superuser().number("SELECT count(*) FROM read")).isEqualTo(100);
    }
}
