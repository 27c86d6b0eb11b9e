package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Ended;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The store is away, and whoever asks is told that WAL piles up, and when that is over. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class VisibleAlarmIT {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "1", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();

    /** A sidecar that is soon alarmed: the keeper starts it again, with the changed file. */
    @BeforeEach
    void shorten_the_patience() throws IOException {
        ClusterFile.Node node = node();
        Files.writeString(
                cluster.root().resolve(node.name()).resolve("sidecar.yaml"),
                "archive: {alarm-age: 1s}\n",
                StandardOpenOption.APPEND);
        CLUSTER.startSidecarAnew(node);
        CLUSTER.awaitWhole();
    }

    @Test
    void wal_that_waits_is_seen_in_the_status_and_over_http_until_it_is_archived()
            throws Exception {
        Path store = cluster.root().resolve("archive");
        Path away = cluster.root().resolve("archive.away");

        Files.move(store, away);
        cluster.superuser().text("SELECT pg_switch_wal()");
        await("the alarm")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> overHttp().path("walAlarm").isTextual());

        JsonNode told = overHttp();
        assertThat(told.path("waiting").asInt()).isPositive();
        assertThat(told.path("freeBytes").asLong()).isPositive();
        assertThat(told.path("totalBytes").asLong()).isPositive();
        String alarm = node().name() + ": " + told.path("waiting").asInt() + " file";
        await("the command tells of it")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> status().output().contains("! " + alarm));
        JsonNode member = cluster.command("status", "--json").json().path("members").path(0);
        assertThat(member.path("archiving").path("walAlarm").asText())
                .contains("of WAL wait for the archive, the oldest for", "(alarm at 1.00 s)");

        Files.move(away, store);
        await("the alarm is over")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> !status().output().contains("of WAL wait for the archive"));
        await("nothing waits")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> overHttp().path("waiting").asInt() == 0);
    }

    private Ended status() throws InterruptedException {
        return cluster.command("status");
    }

    private JsonNode overHttp() throws IOException {
        try (InputStream answer = URI.create(node().api() + "/status").toURL().openStream()) {
            return MAPPER.readTree(answer).path("archiving");
        }
    }

    private ClusterFile.Node node() {
        return cluster.file().nodes().getFirst();
    }
}
