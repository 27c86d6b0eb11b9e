package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A primary is restarted that has a commit alone. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestartInPlaceIT {

    private static final String COUNT = "SELECT count(*) FROM kept";
    private static final String WAITING =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "strict");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void clients_are_held_until_the_standby_has_what_the_primary_kept() throws Exception {
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        Database direct = cluster.superuser().at(primary.postgres());
        cluster.application().execute("CREATE TABLE kept (what text)");
        List<Long> away = processes(standby);
        FutureTask<Long> client;

        Signals.send("STOP", away);
        try {
            Thread.ofVirtual().start(this::commitInVain);
            await("a commit waits")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> direct.number(WAITING) == 1);
            await("nobody could be elected")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> role(standby).equals("gone"));
            RunningCluster.kill(cluster.postmaster(primary).orElseThrow().pid());

            await("who comes straight to the server reads the commit")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> countIfReachable(direct) == 1);
            client = new FutureTask<>(() -> cluster.application().number(COUNT));
            Thread.ofVirtual().start(client);
            await("the primary says for whom it waits")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> doing(primary).contains(standby.name() + " is not connected"));
            assertThat(phase(primary)).contains(Phase.RECOVERING);
            assertThat(client.isDone()).isFalse();
        } finally {
            Signals.sendToLiving("CONT", away);
        }

        assertThat(client.get()).isEqualTo(1);
        assertThat(cluster.primary().name()).isEqualTo(primary.name());
        await("the standby has it")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> countIfReachable(cluster.superuser().at(standby.postgres())) == 1);
    }

    /** Nobody is told that it is durable, for the server is killed. */
    private void commitInVain() {
        try {
            cluster.application().execute("INSERT INTO kept VALUES ('alone')");
        } catch (SQLException lost) {
            assertThat(lost.getSQLState()).startsWith("08");
        }
    }

    private List<Long> processes(ClusterFile.Node node) {
        ProcessHandle postmaster = cluster.postmaster(node).orElseThrow();
        List<Long> all = new ArrayList<>();
        all.add(Optional.ofNullable(node.sidecarPid()).orElseThrow());
        all.add(postmaster.pid());
        postmaster.descendants().map(ProcessHandle::pid).forEach(all::add);
        return all;
    }

    private Optional<Phase> phase(ClusterFile.Node node) {
        return Optional.ofNullable(cluster.word(node).state()).map(ClusterState::phase);
    }

    private static long countIfReachable(Database database) {
        try {
            return database.number(COUNT);
        } catch (SQLException notYet) {
            return -1;
        }
    }

    private String role(ClusterFile.Node node) throws InterruptedException {
        return member(node).path("role").asText();
    }

    private String doing(ClusterFile.Node node) throws InterruptedException {
        return member(node).path("doing").asText();
    }

    private JsonNode member(ClusterFile.Node node) throws InterruptedException {
        for (JsonNode each : cluster.command("status", "--json").json().path("members")) {
            if (each.path("name").asText().equals(node.name())) {
                return each;
            }
        }
        throw new AssertionError("no member " + node.name() + " in the status");
    }
}
