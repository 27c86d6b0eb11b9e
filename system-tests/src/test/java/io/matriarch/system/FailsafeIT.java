package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.local.process.Part;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.RunningCluster.MemberWord;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** ZooKeeper is gone, all of it, for longer than two sessions, while clients write. */
@Isolated("its sessions end by the clock")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FailsafeIT {

    /** What {@code local up} configures. */
    private static final LeaseSettings LEASE =
            LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));

    private static final Duration LONG = LEASE.session().multipliedBy(2).plusSeconds(2);

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3", "--failsafe");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void clients_go_on_and_the_epoch_goes_on_when_it_returns()
            throws SQLException, InterruptedException, IOException {
        awaitAllMayVouch();
        ClusterFile.Node primary = cluster.primary();
        Epoch epoch = epoch(primary).orElseThrow();
        try (RecordingWriter writer = RecordingWriter.start(cluster.target("failsafe_goes_on"))) {
            LocalCluster.awaitMore(writer);

            RunningCluster.kill(cluster.part(Part.ZOOKEEPER).pid());
            awaitMoreAfter(writer, System.nanoTime() + LONG.toNanos());

            MemberWord word = cluster.word(primary);
            assertThat(word.upheldByVows()).isTrue();
            cluster.startZooKeeper();
            await("the lease rests on ZooKeeper again")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> !cluster.word(primary).upheldByVows());
            awaitMoreAfter(writer, System.nanoTime() + LONG.toNanos());
            assertThat(cluster.primary().name()).isEqualTo(primary.name());
            assertThat(epoch(primary)).contains(epoch);
            assertThat(cluster.log(primary)).contains("authority reclaimed with a new session");
            RecordingWriter.Verdict verdict = writer.verdict();
            assertThat(verdict.lost()).isEmpty();
            assertThat(verdict.longestGap())
                    .as("the longest time without an acknowledged row")
                    .isLessThan(LEASE.length());
        }
    }

    @Test
    void a_member_that_does_not_vouch_has_the_primary_fenced_and_all_return_with_zookeeper()
            throws SQLException, InterruptedException {
        awaitAllMayVouch();
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        try (RecordingWriter clients = RecordingWriter.start(cluster.target("failsafe_ends"));
                RecordingWriter direct =
                        RecordingWriter.start(
                                cluster.targetAt(primary.postgres(), "failsafe_ends_direct"))) {
            LocalCluster.awaitMore(clients);
            LocalCluster.awaitMore(direct);
            RunningCluster.kill(cluster.part(Part.ZOOKEEPER).pid());
            awaitMoreAfter(direct, System.nanoTime() + LONG.toNanos());

            long killed = System.nanoTime();
            RunningCluster.kill(cluster.part(Part.sidecarOf(standby.name())).pid());
            await("the primary is stopped")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.postmaster(primary).filter(ProcessHandle::isAlive).isEmpty());

            assertThat(Duration.ofNanos(direct.lastNanos() - killed))
                    .as("the last commit after a member has ceased to vouch")
                    .isLessThan(LEASE.length().plus(LEASE.poll()).plus(LEASE.stop()));
            cluster.startZooKeeper();
            CLUSTER.awaitWhole();
            LocalCluster.awaitMore(clients);
            assertThat(clients.verdict().lost()).isEmpty();
            assertThat(direct.verdict().lost()).isEmpty();
        }
    }

    private Optional<Epoch> epoch(ClusterFile.Node node) {
        return Optional.ofNullable(cluster.word(node).state()).map(ClusterState::epoch);
    }

    private void awaitAllMayVouch() {
        await("all are in the electorate, and would vouch")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    ClusterFile.Node primary = cluster.primary();
                    return cluster.file().nodes().stream()
                                    .map(cluster::word)
                                    .map(MemberWord::state)
                                    .allMatch(FailsafeIT::namesAll)
                            && cluster.file().nodes().stream()
                                    .filter(node -> !node.name().equals(primary.name()))
                                    .allMatch(node -> cluster.word(node).mayVouch());
                });
    }

    private static boolean namesAll(ClusterState state) {
        return state != null && state.electorate() != null && state.electorate().size() == 3;
    }

    /** Writes go through, also when it is later than that. */
    private static void awaitMoreAfter(RecordingWriter writer, long nanos) {
        await("it is late enough")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> System.nanoTime() - nanos >= 0);
        LocalCluster.awaitMore(writer);
    }
}
