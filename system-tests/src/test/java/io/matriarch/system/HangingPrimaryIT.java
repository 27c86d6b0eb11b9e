package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import io.matriarch.workload.RecordingWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The primary's PostgreSQL is alive, and not what the cluster needs it to be. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class HangingPrimaryIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "2");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void a_primary_that_does_not_answer_is_succeeded_and_comes_back() throws Exception {
        ClusterFile.Node old = cluster.primary();
        ProcessHandle postmaster = cluster.postmaster(old).orElseThrow();
        try (RecordingWriter writer = RecordingWriter.start(cluster.target("hanging"))) {
            LocalCluster.awaitMore(writer);

            // Its supervisor kills them in the end: nobody has to continue them.
            Signals.send("STOP", withChildren(postmaster));

            await("another member is primary")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.primaryIfReachable()
                                    .filter(now -> !now.name().equals(old.name()))
                                    .isPresent());
            LocalCluster.awaitMore(writer);
            await("the old primary streams")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.isStreaming(old.name()));
            assertThat(writer.verdict().lost()).isEmpty();
        }
        assertThat(postmaster.isAlive()).isFalse();
        assertThat(cluster.log(old)).contains("code=\"POSTGRES_SILENT\"");
    }

    @Test
    void the_set_that_commits_wait_for_is_not_taken_away_by_ALTER_SYSTEM() throws Exception {
        ClusterFile.Node primary = cluster.primary();
        Database database = cluster.superuser().at(primary.postgres());
        String before = database.text("SHOW synchronous_standby_names");
        assertThat(before).isNotEmpty();
        Path automatic = Path.of(primary.dataDir(), "postgresql.auto.conf");

        database.execute("ALTER SYSTEM SET work_mem = '5MB'");
        database.execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        database.execute("SELECT pg_reload_conf()");

        await("the elector's set is back")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        !Files.readString(automatic).contains("synchronous_standby_names")
                                && database.text("SHOW synchronous_standby_names").equals(before));
        assertThat(database.text("SHOW work_mem")).as("a setting of theirs").isEqualTo("5MB");
    }

    private static List<Long> withChildren(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }
}
