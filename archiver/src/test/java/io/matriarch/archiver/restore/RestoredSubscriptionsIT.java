package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The cluster subscribes to changes of others. A publisher gives each change once, and a restored
 * server would take it under the same name.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoredSubscriptionsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROWS = "SELECT string_agg(g::text, ' ' ORDER BY g) FROM t";
    private static final String SLOT =
            "SELECT active, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 's'";

    private TestCluster cluster;
    private RestorePlan plan;

    @BeforeAll
    void a_cluster_that_subscribes_to_another_database() throws Exception {
        cluster = TestCluster.start();
        Restores restores = new Restores(cluster);
        cluster.stopServer("fast");
        Path settings = cluster.data().resolve("postgresql.conf");
        Files.writeString(settings, Files.readString(settings) + "wal_level = logical\n");
        cluster.startServer();
        cluster.sql("CREATE DATABASE publisher");
        publisher("CREATE TABLE t (g int)");
        publisher("CREATE PUBLICATION p FOR TABLE t");
        // In one server the subscription cannot make its slot itself.
        publisher("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        cluster.sql("CREATE TABLE t (g int)");
        cluster.sql(
                "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port="
                        + cluster.port()
                        + " user=postgres dbname=publisher' PUBLICATION p"
                        + " WITH (connect = false, slot_name = 's')");
        cluster.sql("ALTER SUBSCRIPTION s ENABLE");
        cluster.sql("ALTER SUBSCRIPTION s REFRESH PUBLICATION WITH (copy_data = false)");
        publisher("INSERT INTO t VALUES (1)");
        awaitRows("1");
        restores.backup("good");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    private String publisher(String statement) throws IOException, InterruptedException {
        return TestCluster.sql(cluster.port(), "publisher", statement);
    }

    private void awaitRows(String rows) {
        await("rows " + rows).atMost(PATIENCE).until(() -> cluster.sql(ROWS).equals(rows));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_restored_server_leaves_the_changes_to_the_cluster() throws Exception {
        cluster.sql("ALTER SUBSCRIPTION s DISABLE");
        await("the cluster is away").atMost(PATIENCE).until(() -> publisher(SLOT).startsWith("f|"));
        publisher("INSERT INTO t VALUES (2)");
        String before = publisher(SLOT);
        Path directory = cluster.fresh("restored");
        new Restores(cluster).restore(plan, Restores.into(directory));

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> {
                            assertThat(
                                            TestCluster.sql(
                                                    port, "SELECT subenabled FROM pg_subscription"))
                                    .isEqualTo("t");
                            assertThat(
                                            TestCluster.sql(
                                                    port,
                                                    "SELECT backend_type FROM pg_stat_activity WHERE"
                                                            + " backend_type LIKE 'logical%'"))
                                    .isEmpty();
                            assertThat(
                                            TestCluster.sql(
                                                    port,
                                                    "SELECT count(pid) FROM pg_stat_subscription"))
                                    .isEqualTo("0");
                            assertThat(
                                            TestCluster.sql(
                                                    port, "SHOW max_logical_replication_workers"))
                                    .isEqualTo("0");
                            assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1");
                        });

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        assertThat(publisher(SLOT)).isEqualTo(before);
        cluster.sql("ALTER SUBSCRIPTION s ENABLE");
        awaitRows("1 2");
    }
}
