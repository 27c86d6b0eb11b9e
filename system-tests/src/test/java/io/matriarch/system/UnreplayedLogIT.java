package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A standby is restarted, and has not replayed yet what it has on disk, when the primary dies. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnreplayedLogIT {

    private static final String COUNT = "SELECT count(*) FROM acknowledged";
    private static final String ROWS = "INSERT INTO acknowledged SELECT generate_series(1, 10)";
    private static final String VOTES = "decision=\"Vote\"";

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits commits = new LostCommits(cluster);

    /** What it could say of its place is less than what it has confirmed, and what another has. */
    @Test
    void nobody_is_elected_before_it_knows_where_its_log_ends() throws Exception {
        CLUSTER.awaitWhole();
        ClusterFile.Node primary = cluster.primary();
        List<ClusterFile.Node> standbys = cluster.othersThan(primary);
        ClusterFile.Node delayed = standbys.getFirst();
        ClusterFile.Node cutOff = standbys.getLast();
        Database its = cluster.superuser().at(delayed.postgres());
        its.execute("ALTER SYSTEM SET recovery_min_apply_delay = '1h'", "SELECT pg_reload_conf()");
        cluster.application().execute("CREATE TABLE acknowledged (id int)", ROWS);
        cutOff(primary, cutOff);
        cluster.application().execute(ROWS);
        long votes = votes(delayed);

        commits.takeAway(
                primary,
                () -> {
                    RunningCluster.kill(cluster.postmaster(delayed).orElseThrow().pid());
                    await("it is back, and replays its log")
                            .atMost(LocalCluster.PATIENCE)
                            .until(() -> isReplaying(its));
                    await("it is to vote")
                            .atMost(LocalCluster.PATIENCE)
                            .until(() -> votes(delayed) > votes);
                });

        await("somebody is primary")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.primaryIfReachable().isPresent());
        assertThat(cluster.application().number(COUNT)).isEqualTo(20);
        its.execute("ALTER SYSTEM RESET recovery_min_apply_delay", "SELECT pg_reload_conf()");
        commits.letReplicate(cluster.primary(), true);
        CLUSTER.awaitWhole();
        assertThat(cluster.application().number(COUNT)).isEqualTo(20);
    }

    private void cutOff(ClusterFile.Node primary, ClusterFile.Node standby) throws SQLException {
        commits.letReplicate(primary, false);
        String itsSender =
                "FROM pg_stat_replication WHERE application_name = '" + standby.name() + "'";
        await("it does not stream any more")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.superuser()
                                        .number(
                                                "SELECT count(pg_terminate_backend(pid)) "
                                                        + itsSender)
                                == 0);
    }

    private static boolean isReplaying(Database standby) {
        try {
            return standby.text("SELECT pg_last_wal_receive_lsn() IS NULL").equals("t");
        } catch (SQLException notYet) {
            return false;
        }
    }

    private long votes(ClusterFile.Node standby) {
        return cluster.log(standby).lines().filter(line -> line.contains(VOTES)).count();
    }
}
