package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The WAL that a standby needs next is nowhere: not at the primary, nor in the archive. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LostWalIT {

    private static final Duration THREE_STALLS = Patience.DEFAULT.stall().multipliedBy(3);
    private static final Pattern SEGMENT = Pattern.compile("[0-9A-F]{24}\\.zst");
    private static final Pattern REPAIR =
            Pattern.compile(
                    "event=\"decided\" decision=\"(Stop|Rewind|Delta|Clone)\" code=\"([A-Z_]+)\"");

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "off", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits hosts = new LostCommits(cluster);

    @Test
    void a_standby_is_repaired_by_other_means_until_it_streams() throws Exception {
        cluster.application().execute("CREATE TABLE notes (note text)");
        ClusterFile.Node primary = cluster.primary();
        ClusterFile.Node standby = cluster.othersThan(primary).getFirst();
        await("the first clone of it has proven good")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> LostCommits.beside(standby, "finished").isEmpty());
        int before = cluster.log(standby).length();

        hosts.takeAway(standby, this::loseWal);
        await("it streams, after it has stood still three times")
                .atMost(THREE_STALLS.plus(LocalCluster.PATIENCE))
                .until(() -> cluster.isStreaming(standby.name()));

        assertThat(
                        REPAIR.matcher(cluster.log(standby).substring(before))
                                .results()
                                .map(found -> found.group(1) + " " + found.group(2)))
                .containsSubsequence(
                        "Stop STALLED",
                        "Rewind DIVERGED",
                        "Stop STALLED",
                        "Delta HALF_DONE",
                        "Stop STALLED",
                        "Clone HALF_DONE");
        assertHasEverything(standby);
        await("nothing is left of the repairs")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        LostCommits.beside(standby, "aside-").isEmpty()
                                && LostCommits.beside(standby, "finished").isEmpty());
    }

    /** Commits go on, and nobody keeps the WAL that they were written to. */
    private void loseWal() throws Exception {
        String first = segment();
        cluster.superuser()
                .execute("ALTER SYSTEM SET wal_keep_size = 0", "SELECT pg_reload_conf()");
        for (int row = 0; row < 4; row++) {
            cluster.application().execute("INSERT INTO notes VALUES ('missed')");
            cluster.superuser().execute("SELECT pg_switch_wal()");
        }
        await("the primary has removed its old WAL")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> hasRemoved(first));
        List<Path> lost = archivedSince(first);
        assertThat(lost).hasSizeGreaterThan(3);
        for (Path segment : lost) {
            Files.delete(segment);
        }
    }

    private String segment() throws SQLException {
        return cluster.superuser().text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
    }

    private boolean hasRemoved(String segment) throws SQLException {
        cluster.superuser().execute("CHECKPOINT");
        return cluster.superuser()
                        .number(
                                "SELECT count(*) FROM pg_ls_waldir() WHERE name = '"
                                        + segment
                                        + "'")
                == 0;
    }

    private List<Path> archivedSince(String first) throws IOException {
        try (Stream<Path> files = Files.walk(cluster.root().resolve("archive"))) {
            return files.filter(
                            file -> {
                                String name = file.getFileName().toString();
                                return SEGMENT.matcher(name).matches()
                                        && name.compareTo(first) >= 0;
                            })
                    .toList();
        }
    }

    private void assertHasEverything(ClusterFile.Node standby) throws SQLException {
        cluster.application().execute("INSERT INTO notes VALUES ('after')");
        Database itself = cluster.superuser().at(standby.postgres());
        await("it has replayed everything")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> itself.number("SELECT count(*) FROM notes") == 5);
        assertThat(itself.text("SELECT pg_is_in_recovery()")).isEqualTo("t");
    }
}
