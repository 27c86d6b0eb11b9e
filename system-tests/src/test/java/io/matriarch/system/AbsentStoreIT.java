package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.HttpQuestion;
import io.matriarch.outside.Programs;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The volume of the repository is not mounted when sidecars are started. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AbsentStoreIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();

    @BeforeEach
    void shorten_the_patience() throws IOException {
        for (ClusterFile.Node node : cluster.file().nodes()) {
            Files.writeString(
                    cluster.root().resolve(node.name()).resolve("sidecar.yaml"),
                    "archive: {alarm-age: 1s}\n",
                    StandardOpenOption.APPEND);
        }
    }

    @Test
    void sidecars_start_without_it_serve_and_archive_once_it_is_there() throws Exception {
        Path store = cluster.root().resolve("archive");
        Path away = cluster.root().resolve("archive.away");

        Files.move(store, away);
        for (ClusterFile.Node node : cluster.file().nodes()) {
            CLUSTER.startSidecarAnew(node);
        }
        CLUSTER.awaitWhole();

        assertThat(cluster.command("switchover", "--yes").status()).isZero();
        CLUSTER.awaitWhole();
        cluster.superuser().text("SELECT pg_switch_wal()");
        String reason = "repository directory: " + store + " does not exist";
        await("the alarm and its reason")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> primarysWord().contains("alarm at 1.00 s): " + reason));
        assertThat(cluster.command("status").output()).contains("! archive: " + reason);
        assertThat(store).doesNotExist();

        Files.move(away, store);
        await("all is archived")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.command("status").status() == 0);
        assertThat(archivedIn(store)).anyMatch(it -> it.startsWith("00000002000000"));
    }

    @Test
    void a_store_that_somebody_emptied_is_claimed_again_and_gets_a_base_backup() throws Exception {
        Path store = cluster.root().resolve("archive");
        await("a base backup").atMost(LocalCluster.PATIENCE).until(() -> isBackedUp(store));

        Programs.run(
                Duration.ofMinutes(1),
                Map.of(),
                List.of("find", store.toString(), "-type", "f", "-delete"));

        await("a claim and a base backup")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> archivedIn(store).contains("claim.json") && isBackedUp(store));
    }

    private static boolean isBackedUp(Path store) throws IOException {
        return archivedIn(store).contains("backup.json");
    }

    private String primarysWord() throws Exception {
        return HttpQuestion.answer(cluster.primary().api() + "/status").orElse("");
    }

    private static List<String> archivedIn(Path store) throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.map(it -> String.valueOf(it.getFileName())).toList();
        }
    }
}
