package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an asynchronous primary had alone when it died can be looked at later. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeptWalIT {

    private static final Pattern TOLD =
            Pattern.compile("event=\"WAL beyond the fork is kept aside\" bytes=\"[1-9]");

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "off", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits commits = new LostCommits(cluster);
    private final Path store = cluster.root().resolve("archive");
    private final Path away = cluster.root().resolve("archive.away");

    @Test
    void it_is_kept_aside_by_a_rewind_and_stays_over_the_next_failover() throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        ClusterFile.Node first = cluster.primary();
        commits.acceptLoss(cluster.othersThan(first).getFirst(), "unlimited");
        CLUSTER.awaitWhole();
        List<String> transactions = lose(first, 3);
        await("the first streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(first.name()));
        Path kept = LostCommits.beside(first, "divergence-").getLast();

        assertThat(transactions)
                .allSatisfy(
                        one -> assertThat(commits.dump(kept)).matches(LostCommits.commitOf(one)));
        assertThat(cluster.log(first)).containsPattern(TOLD).contains("keptIn=\"" + kept + "\"");
        assertThat(cluster.application().text("SELECT count(*) FROM notes")).isEqualTo("0");

        ClusterFile.Node second = cluster.primary();
        String another = lose(second, 1).getFirst();
        await("the second streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(second.name()));
        cluster.command("switchover", "--yes").orFail();
        await("the first streams again")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(first.name()));

        Path keptByTheSecond = LostCommits.beside(second, "divergence-").getLast();
        assertThat(commits.dump(keptByTheSecond)).matches(LostCommits.commitOf(another));
        assertThat(transactions)
                .allSatisfy(
                        one -> assertThat(commits.dump(kept)).matches(LostCommits.commitOf(one)));
    }

    @Test
    void a_directory_that_cannot_be_rewound_stays_until_its_replacement_streams() throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        ClusterFile.Node old = cluster.primary();
        Path redo = Path.of(old.dataDir(), "pg_wal").resolve(redoOfNextCheckpoint());
        commits.cutStandbysOff(old);
        String transaction = commits.commit(1).getFirst();
        Files.move(store, away);
        try {
            commits.killHost(
                    old,
                    () -> {
                        Files.move(away, store);
                        letBackupsBeRead(false);
                        commits.letReplicate(cluster.primary(), false);
                        Files.delete(redo);
                    });
            await("a restore fails")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            cluster.log(old).contains("the archive cannot build a standby now"));
            await("a copy of the primary fails")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.log(old).contains("pg_basebackup ended with 1"));

            assertThat(LostCommits.beside(old, "aside-"))
                    .singleElement()
                    .satisfies(aside -> assertThat(aside.resolve("PG_VERSION")).exists());
        } finally {
            letBackupsBeRead(true);
            commits.letReplicate(cluster.primary(), true);
        }

        await("it streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(old.name()));
        await("what was replaced is removed")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> LostCommits.beside(old, "aside-").isEmpty());
        assertThat(cluster.log(old)).contains("which is gone");
        assertThat(commits.dump(LostCommits.beside(old, "divergence-").getLast()))
                .matches(LostCommits.commitOf(transaction));
    }

    private void letBackupsBeRead(boolean mayBeRead) throws IOException {
        try (Stream<Path> files = Files.walk(store, 3)) {
            for (Path folder : files.filter(file -> file.endsWith("backups")).toList()) {
                Files.setPosixFilePermissions(
                        folder,
                        PosixFilePermissions.fromString(mayBeRead ? "rwx------" : "---------"));
            }
        }
    }

    /** Commits that nobody else has, in segments that are not archived; the host dies with them. */
    private List<String> lose(ClusterFile.Node primary, int rows) throws Exception {
        commits.cutStandbysOff(primary);
        Files.move(store, away);
        List<String> transactions = commits.commit(rows);
        commits.killHost(primary, () -> Files.move(away, store));
        return transactions;
    }

    /** Nothing is written meanwhile, so that it lies where the log is now. */
    private String redoOfNextCheckpoint() throws Exception {
        return cluster.superuser().text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
    }
}
