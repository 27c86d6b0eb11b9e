package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Repository;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which member takes a backup, and who takes over if it cannot. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupMemberIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "3");

    private final RunningCluster cluster = CLUSTER.running();

    private int backups() {
        try (Repository repository = Repository.of(cluster.file())) {
            return repository.backups().size();
        }
    }

    private void awaitFirstBackup() {
        await("the first scheduled backup is taken")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> backups() > 0);
    }

    /** What a member's sidecar says of the backup that is being taken. */
    private static Optional<JsonNode> running(ClusterFile.Node asked) {
        try (InputStream answer = URI.create(asked.api() + "/backups").toURL().openStream()) {
            JsonNode running = new ObjectMapper().readTree(answer).path("running");
            return running.isEmpty() ? Optional.empty() : Optional.of(running.get(0));
        } catch (IOException unreachable) {
            return Optional.empty();
        }
    }

    private static String member(ClusterFile.Node asked) {
        return running(asked)
                .filter(backup -> backup.path("doneBytes").asLong() > 0)
                .map(backup -> backup.path("member").asText())
                .orElse("");
    }

    private static long sidecar(ClusterFile.Node node) {
        return Optional.ofNullable(node.sidecarPid()).orElseThrow();
    }

    private FutureTask<Ended> slowBackup() {
        FutureTask<Ended> backup =
                new FutureTask<>(() -> cluster.command("backup", "--json", "--throttle", "4MB/s"));
        Thread.ofVirtual().start(backup);
        return backup;
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        assertThat(status).isZero();
    }

    @Test
    void a_standby_takes_it_unless_somebody_asks_for_another()
            throws InterruptedException, SQLException {
        awaitFirstBackup();
        String primary = cluster.primary().name();

        JsonNode any = cluster.command("backup", "--json").orFail().json();
        JsonNode fromPrimary =
                cluster.command("backup", "--json", "--from", "primary").orFail().json();
        Ended refused = cluster.command("backup", "--from", "nobody");

        assertThat(any.path("member").asText()).isNotEqualTo(primary);
        assertThat(any.path("standby").asBoolean()).isTrue();
        assertThat(fromPrimary.path("member").asText()).isEqualTo(primary);
        assertThat(fromPrimary.path("standby").asBoolean()).isFalse();
        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.errors()).contains("nobody does not live");
    }

    @Test
    void an_incremental_one_tells_what_it_is_based_on() throws InterruptedException {
        awaitFirstBackup();
        JsonNode full =
                cluster.command("backup", "--json", "--from", "primary", "--type", "full")
                        .orFail()
                        .json();

        JsonNode next =
                cluster.command("backup", "--json", "--from", "primary", "--type", "incremental")
                        .orFail()
                        .json();
        Ended refused = cluster.command("backup", "--type", "differential");

        assertThat(full.path("parent").isMissingNode()).isTrue();
        assertThat(next.path("parent").asText()).isEqualTo(full.path("id").asText());
        assertThat(next.path("storedBytes").asLong())
                .isLessThan(full.path("storedBytes").asLong() / 2);
        assertThat(cluster.command("backups").orFail().output()).contains("incremental");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.errors()).contains("full or incremental");
    }

    @Test
    void another_member_takes_over_from_one_that_freezes_and_one_backup_is_made()
            throws InterruptedException, SQLException, IOException, ExecutionException {
        awaitFirstBackup();
        int before = backups();
        ClusterFile.Node primary = cluster.primary();
        FutureTask<Ended> backup = slowBackup();
        await("a member copies")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !member(primary).isEmpty());
        ClusterFile.Node frozen = cluster.node(member(primary));

        signal("STOP", sidecar(frozen));
        try {
            await("another member copies")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            !member(primary).isEmpty() && !member(primary).equals(frozen.name()));
        } finally {
            signal("CONT", sidecar(frozen));
        }

        JsonNode taken = backup.get().orFail().json();
        assertThat(taken.path("member").asText()).isNotEqualTo(frozen.name());
        await("the one that froze has given up")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> running(primary).isEmpty() && running(frozen).isEmpty());
        assertThat(backups()).isEqualTo(before + 1);
    }

    @Test
    void a_killed_sidecar_begins_its_backup_again()
            throws InterruptedException, SQLException, ExecutionException {
        awaitFirstBackup();
        int before = backups();
        ClusterFile.Node primary = cluster.primary();
        FutureTask<Ended> backup = slowBackup();
        await("a member copies")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !member(primary).isEmpty());

        RunningCluster.kill(sidecar(cluster.node(member(primary))));

        assertThat(backup.get().orFail().json().path("id").asText()).isNotEmpty();
        assertThat(backups()).isEqualTo(before + 1);
    }
}
