package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The primary of an asynchronous cluster dies with more than a failover may lose. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AcceptedLossIT {

    private static final long MOST = 16L << 20;
    private static final String COUNT = "SELECT count(*) FROM notes";

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "off", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits commits = new LostCommits(cluster);
    private final Path store = cluster.root().resolve("archive");
    private final Path away = cluster.root().resolve("archive-away");

    @Test
    void nobody_succeeds_by_itself_and_nothing_is_lost_once_the_primary_is_back() throws Exception {
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        long rows = writeAlone(primary);

        commits.takeAway(primary, () -> awaitRefusal(standby));

        await("the last primary is back")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.primaryIfReachable()
                                .filter(now -> now.name().equals(primary.name()))
                                .isPresent());
        assertThat(cluster.application().number(COUNT)).isEqualTo(rows);
        bringTheStoreBack();
        commits.letReplicate(primary, true);
        CLUSTER.awaitWhole();
    }

    @Test
    void an_operator_accepts_the_loss_and_it_is_told_how_much_that_was() throws Exception {
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        long rows = writeAlone(primary);

        Path configuration = cluster.root().resolve(primary.name()).resolve("sidecar.yaml");
        Path hidden = configuration.resolveSibling("sidecar.yaml.hidden");
        commits.takeAway(
                primary,
                () -> {
                    awaitRefusal(standby);
                    // So it stays away.
                    Files.move(configuration, hidden);
                });
        try {
            commits.acceptLoss(standby, "unlimited");
            await("it succeeds")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.primaryIfReachable()
                                    .filter(now -> now.name().equals(standby.name()))
                                    .isPresent());
        } finally {
            Files.move(hidden, configuration);
        }

        bringTheStoreBack();
        assertThat(cluster.application().number(COUNT)).isEqualTo(rows - 3);
        String history = cluster.command("history", "--json").orFail().output();
        String lacking = history.replaceAll("(?s).*\"lackingBytes\" : (\\d+).*", "$1");
        assertThat(Long.parseLong(lacking)).isGreaterThan(MOST);
        CLUSTER.awaitWhole();
    }

    /** Where a standby would find what it lacks. */
    @AfterEach
    void bringTheStoreBack() throws IOException {
        if (Files.exists(away)) {
            Files.move(away, store);
        }
    }

    /**
     * More than a segment of WAL that the standby does not get; returns how many rows there are.
     */
    private long writeAlone(ClusterFile.Node primary) throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        commits.cutStandbysOff(primary);
        Files.move(store, away);
        commits.commit(3);
        Lsn end = Lsn.parse(cluster.superuser().text("SELECT pg_current_wal_lsn()"));
        try (ClusterConnection connection =
                new ClusterConnection(
                        new ZooKeeperSettings(
                                cluster.file().zookeeper(),
                                ZooKeeperSettings.DEFAULT_NAMESPACE,
                                LocalConfiguration.CLUSTER,
                                Duration.ofSeconds(5),
                                Duration.ofMillis(500)),
                        () -> {})) {
            connection.open();
            await("the primary has told where its log ends")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> connection.view().filter(view -> isTold(view, end)).isPresent());
        }
        return cluster.application().number(COUNT);
    }

    private static boolean isTold(ClusterView view, Lsn end) {
        return view.renewal() != null && !view.renewal().written().isBefore(end);
    }

    private void awaitRefusal(ClusterFile.Node standby) throws InterruptedException {
        await("it holds, and says why")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> lastDecision(standby).contains("LACKS_TOO_MUCH"));
        await("status says what an operator can do")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.command("status")
                                .output()
                                .contains("more than election.most-loss (16777216)"));
        assertThat(cluster.primaryIfReachable()).isEmpty();
    }

    private String lastDecision(ClusterFile.Node node) {
        return cluster.log(node)
                .lines()
                .filter(line -> line.contains("event=\"decided\""))
                .reduce("", (_, last) -> last);
    }
}
