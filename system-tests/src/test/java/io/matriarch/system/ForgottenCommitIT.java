package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import io.matriarch.postgres.host.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A standby confirms a commit, loses its data directory, and gets an older one from the archive.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ForgottenCommitIT {

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "strict", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits commits = new LostCommits(cluster);

    @Test
    void it_does_not_succeed_the_primary_before_it_has_what_it_confirmed() throws Exception {
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        cluster.superuser()
                .execute(
                        "CREATE TABLE ballast AS SELECT md5(g::text) AS word"
                                + " FROM generate_series(1, 1000000) g");
        cluster.application().execute("CREATE TABLE notes (note text)");
        cluster.command("backup", "--from", primary.name()).orFail();
        commits.commit(1);

        commits.takeAway(standby, () -> FileTrees.remove(Path.of(standby.dataDir())));
        await("its data directory is being built")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> Files.exists(Path.of(standby.dataDir())));
        commits.letReplicate(primary, false);
        await("it runs as it came from the archive")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> isFromArchive(standby) && cluster.postmaster(standby).isPresent());
        commits.takeAway(
                primary,
                () -> {
                    await("it says that it cannot stand")
                            .atMost(LocalCluster.PATIENCE)
                            .until(() -> cluster.log(standby).contains("code=\"HAS_FORGOTTEN\""));
                    assertThat(cluster.log(standby)).doesNotContain("decision=\"Vote\"");
                });
        await("the last primary is primary again")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.primaryIfReachable()
                                .filter(now -> now.name().equals(primary.name()))
                                .isPresent());
        commits.letReplicate(primary, true);
        await("it has what it had forgotten")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(standby.name()) && !isFromArchive(standby));

        assertThat(cluster.superuser().at(standby.postgres()).text("SELECT note FROM notes"))
                .isEqualTo("lost");
    }

    private static boolean isFromArchive(ClusterFile.Node standby) throws IOException {
        Path finished = Path.of(standby.dataDir() + ".matriarch/finished");
        return Files.exists(finished) && Files.readString(finished).startsWith("DELTA");
    }
}
