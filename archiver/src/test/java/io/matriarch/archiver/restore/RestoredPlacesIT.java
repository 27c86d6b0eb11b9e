package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The cluster's settings name its own places, and a restored server must keep to the restored. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoredPlacesIT {

    private static final String ROWS = "SELECT string_agg(g::text, ' ' ORDER BY g) FROM t";

    private TestCluster cluster;
    private RestorePlan plan;
    private Path pidFile;

    @BeforeAll
    void a_cluster_that_names_its_places_and_has_ended() throws Exception {
        cluster = TestCluster.start();
        Restores restores = new Restores(cluster);
        pidFile = cluster.folder().resolve("external.pid");
        cluster.sql("CREATE TABLE t (g int)");
        cluster.sql("INSERT INTO t VALUES (1)");
        cluster.stopServer("fast");
        Path settings = cluster.data().resolve("postgresql.conf");
        Files.writeString(
                settings,
                Files.readString(settings)
                        + """
                        data_directory = '%1$s'
                        hba_file = '%1$s/pg_hba.conf'
                        ident_file = '%1$s/pg_ident.conf'
                        external_pid_file = '%2$s'
                        """
                                .formatted(cluster.data(), pidFile));
        cluster.startServer();
        restores.backup("good");
        cluster.sql("INSERT INTO t VALUES (2)");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
        // What is started now by mistake is not kept back by a server that lives.
        cluster.stopServer("fast");
        TestCluster.own(Files.writeString(pidFile, "of another server"));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void the_server_starts_on_the_restored_directory_and_leaves_the_clusters_alone()
            throws Exception {
        Path directory = cluster.fresh("restored");
        new Restores(cluster).restore(plan, Restores.into(directory));

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> {
                            assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1 2");
                            for (String setting :
                                    new String[] {
                                        "data_directory",
                                        "config_file",
                                        "hba_file",
                                        "ident_file",
                                        "external_pid_file"
                                    }) {
                                assertThat(TestCluster.sql(port, "SHOW " + setting))
                                        .startsWith(directory.toString());
                            }
                        });

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        assertThat(cluster.data().resolve("postmaster.pid")).doesNotExist();
        assertThat(pidFile).hasContent("of another server");
    }

    @Test
    void a_shell_finds_nothing_to_do_in_the_name_of_the_directory() throws Exception {
        Path directory = cluster.fresh("it's $HOME `id` \"so\"");
        new Restores(cluster).restore(plan, Restores.into(directory));

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1 2"));

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
    }
}
