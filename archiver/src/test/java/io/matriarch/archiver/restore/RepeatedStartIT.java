package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A restored directory that somebody has started a server on before. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepeatedStartIT {

    private static final String ROWS = "SELECT count(*) FROM t";

    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;

    @BeforeAll
    void a_cluster_with_a_transaction_behind_its_backup() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t (g int)");
        restores.backup("good");
        cluster.sql("INSERT INTO t VALUES (1)");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    /** After a crash of the host the number in its file may have come to anybody. */
    @Test
    void a_process_that_has_the_number_of_a_dead_server_is_not_taken_for_it() throws Exception {
        Path directory = restored("stale");
        leaveBehind(directory, "1");

        RecoveryOutcome outcome =
                Restores.started(
                        directory, port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1"));

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
    }

    /** It refuses itself then, and only a person may take the file away. */
    @Test
    void a_process_of_the_same_user_is_not_taken_for_the_server_either() throws Exception {
        Path directory = restored("stale-of-the-user");
        leaveBehind(
                directory, Files.readAllLines(cluster.data().resolve("postmaster.pid")).getFirst());

        assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it).hasMessageContaining("postmaster.pid");
                            assertThat(it.hint())
                                    .contains("delete " + directory.resolve("postmaster.pid"));
                        });

        assertThat(cluster.sql(ROWS)).isEqualTo("1");
    }

    /** As a server that was killed. */
    private static void leaveBehind(Path directory, String number) throws Exception {
        Path file = directory.resolve("postmaster.pid");
        Files.writeString(
                file, number + "\n" + directory + "\n1700000000\n5432\n/tmp\n\n\nready   \n");
        TestCluster.own(file);
    }

    @Test
    void a_server_that_was_started_by_hand_is_refused_and_left_alone() throws Exception {
        Path directory = restored("by-hand");
        int port = FreePort.draw();
        byHand(directory, "start", "--wait", "--options=-p " + port);
        try {
            assertThatThrownBy(
                            () -> Restores.start(directory, FreePort.draw()).follow(progress -> {}))
                    .isInstanceOfSatisfying(
                            RestoreException.class,
                            it -> {
                                assertThat(it).hasMessageContaining(directory.toString());
                                assertThat(it).hasMessageContaining("port " + port);
                                assertThat(it.hint()).contains("stop it");
                            });
            assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1");
        } finally {
            byHand(directory, "stop", "--mode=fast", "--wait");
        }
    }

    @Test
    void a_server_that_has_promoted_before_is_said_to_have() throws Exception {
        Path directory = restored("promoted");
        RecoveryOutcome first = Restores.started(directory, port -> {});

        RecoveryOutcome again = Restores.started(directory, port -> {});

        assertThat(again.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        assertThat(again.replayed()).isPresent().isEqualTo(first.replayed());
        assertThat(again.lastCommit()).isEmpty();
        assertThat(again.duration()).isEmpty();
        assertThat(first.duration()).isPresent();
    }

    @Test
    void one_that_still_runs_since_then_knows_its_last_transaction() throws Exception {
        Path directory = restored("running");
        RestoredServer server = Restores.start(directory, FreePort.draw());
        try {
            RecoveryOutcome first = server.follow(progress -> {});

            RecoveryOutcome again =
                    Restores.start(directory, FreePort.draw()).follow(progress -> {});

            assertThat(again.replayed()).isPresent().isEqualTo(first.replayed());
            assertThat(again.lastCommit()).isPresent().isEqualTo(first.lastCommit());
            assertThat(again.duration()).isEmpty();
        } finally {
            server.stop();
        }
    }

    @Test
    void files_that_were_restored_for_root_are_to_be_given_to_the_user_first() throws Exception {
        assumeTrue(TestCluster.owner().isPresent());
        Path directory = cluster.fresh("for-root");
        restores.restore(
                plan,
                new RestoreOptions(
                        directory, RestoreMode.Recover.DEFAULT, Map.of(), Optional.empty(), 4));

        assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it).hasMessageContaining("Permission denied");
                            assertThat(it.getMessage()).doesNotContain("\n");
                            assertThat(it.hint()).contains("chown -RL postgres " + directory);
                        });
    }

    private Path restored(String name) throws Exception {
        Path directory = cluster.fresh(name);
        restores.restore(plan, Restores.into(directory));
        return directory;
    }

    private static void byHand(Path directory, String command, String... options) throws Exception {
        String[] all = new String[options.length + 4];
        all[0] = TestCluster.PROGRAMS.resolve("pg_ctl").toString();
        all[1] = command;
        all[2] = "--pgdata=" + directory;
        all[3] = "--log=" + directory.resolve("by-hand.log");
        System.arraycopy(options, 0, all, 4, options.length);
        TestCluster.run(all);
    }
}
