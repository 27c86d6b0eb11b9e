package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.failover.side.Signals;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.local.process.Part;
import io.matriarch.outside.Database;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A former primary that cannot be rewound becomes a standby again by what the archive has. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DeltaRejoinIT {

    private static final Pattern DONE =
            Pattern.compile(
                    "event=\"data directory brought back to a base backup\".* keptBytes=\"([0-9]+)\""
                            + ".* fetchedBytes=\"([0-9]+)\"");

    private static final String DECIDED = "event=\"decided\" decision=\"Delta\"";
    private static final String BUILT_ANEW = "the data directory will be built anew";
    private static final String SUM = "SELECT count(*) || ' ' || sum(hashtext(word)) FROM ";

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--sync", "off", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();
    private final LostCommits commits = new LostCommits(cluster);

    @Test
    void what_is_as_in_the_backup_is_not_fetched() throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        makeTable("unchanged", 400_000);
        ClusterFile.Node old = cluster.primary();
        Path backup = backUp(old);
        long size = cluster.superuser().number("SELECT pg_relation_size('unchanged')");
        Path bundle = largestBundle(backup);
        letBeRead(bundle, false);
        String transaction;
        try {
            transaction = loseHost(old);
            await("it streams")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.isStreaming(old.name()));
        } finally {
            letBeRead(bundle, true);
        }

        assertThat(cluster.log(old))
                .contains("no rewind is possible, what differs will be restored", "which is gone")
                .doesNotContain(BUILT_ANEW);
        MatchResult done =
                DONE.matcher(cluster.log(old))
                        .results()
                        .reduce((first, later) -> later)
                        .orElseThrow();
        assertThat(Long.parseLong(done.group(1))).isGreaterThan(size);
        assertThat(Long.parseLong(done.group(2))).isPositive();
        assertThat(LostCommits.beside(old, "aside-")).isEmpty();
        assertThat(commits.dump(LostCommits.beside(old, "divergence-").getLast()))
                .matches(LostCommits.commitOf(transaction));
        assertSameData(old, "unchanged");
    }

    @Test
    void a_delta_restore_that_is_killed_half_way_goes_on() throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        makeTable("kept", 100_000);
        makeTable("dropped", 2_500_000);
        ClusterFile.Node old = cluster.primary();
        backUp(old);
        cluster.superuser().execute("DROP TABLE dropped");
        loseHost(old);

        Path control = Path.of(old.dataDir(), "global/pg_control");
        await("it is opened")
                .atMost(LocalCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> Files.notExists(control));
        whileNobodyStartsProcesses(() -> {
            RunningCluster.kill(sidecar(old));
            assertThat(control).doesNotExist();
            assertThat(Files.readString(Path.of(old.dataDir() + ".matriarch/repair")).strip())
                    .isEqualTo("DELTA");
        });
        await("it streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(old.name()));

        assertThat(cluster.log(old).split(DECIDED, -1)).hasSizeGreaterThan(2);
        assertThat(cluster.log(old)).doesNotContain(BUILT_ANEW);
        assertThat(LostCommits.beside(old, "aside-")).isEmpty();
        assertThat(LostCommits.beside(old, "repair")).isEmpty();
        assertSameData(old, "kept");
    }

    @Test
    void a_directory_that_a_rewind_has_left_half_done_is_healed() throws Exception {
        cluster.application().execute("CREATE TABLE IF NOT EXISTS notes (note text)");
        makeTable("healed", 100_000);
        ClusterFile.Node old = cluster.primary();
        backUp(old);
        Path pages =
                Path.of(
                        old.dataDir(),
                        cluster.superuser().text("SELECT pg_relation_filepath('healed')"));
        commits.cutStandbysOff(old);
        String transaction = commits.commit(1).getFirst();

        commits.killHost(
                old,
                () -> {
                    Files.write(pages, new byte[8192]);
                    Files.writeString(Path.of(old.dataDir() + ".matriarch/repair"), "DELTA\n");
                });
        await("it streams")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.isStreaming(old.name()));

        assertThat(cluster.log(old)).contains(DECIDED).doesNotContain(BUILT_ANEW);
        assertThat(LostCommits.beside(old, "aside-")).isEmpty();
        assertThat(commits.dump(LostCommits.beside(old, "divergence-").getLast()))
                .matches(LostCommits.commitOf(transaction));
        assertSameData(old, "healed");
    }

    /** Frozen rows: nothing that reads them writes to them any more. */
    private void makeTable(String name, int rows) throws Exception {
        cluster.superuser()
                .execute(
                        "CREATE TABLE "
                                + name
                                + " AS SELECT md5(g::text) AS word FROM generate_series(1, "
                                + rows
                                + ") g",
                        "VACUUM (FREEZE) " + name);
    }

    /** Where in the archive it lies. */
    private Path backUp(ClusterFile.Node from) throws Exception {
        Set<Path> before = backups();
        cluster.superuser().execute("CHECKPOINT");
        cluster.command("backup", "--from", from.name(), "--bundle-size", "8MB").orFail();
        Set<Path> added = backups();
        added.removeAll(before);
        assertThat(added).hasSize(1);
        return added.iterator().next();
    }

    private Set<Path> backups() throws IOException {
        try (Stream<Path> files = Files.walk(cluster.root().resolve("archive"))) {
            return files.filter(file -> file.endsWith("backup.json"))
                    .map(Path::getParent)
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    /**
     * The host of the primary dies with a commit that nobody else has, and when it is back it lacks
     * the WAL from which it would recover.
     */
    private String loseHost(ClusterFile.Node primary) throws Exception {
        String segment =
                cluster.superuser().text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        commits.cutStandbysOff(primary);
        String transaction = commits.commit(1).getFirst();
        commits.killHost(
                primary, () -> Files.delete(Path.of(primary.dataDir(), "pg_wal", segment)));
        return transaction;
    }

    private void assertSameData(ClusterFile.Node standby, String table) throws Exception {
        cluster.application().execute("INSERT INTO notes VALUES ('after')");
        Database itself = cluster.superuser().at(standby.postgres());
        String notes = "SELECT string_agg(note, ' ') FROM notes";
        String all = cluster.superuser().text(notes);
        await("it has replayed everything")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> itself.text(notes).equals(all));

        assertThat(all).doesNotContain("lost");
        assertThat(itself.text("SELECT pg_is_in_recovery()")).isEqualTo("t");
        assertThat(itself.text(SUM + table)).isEqualTo(cluster.superuser().text(SUM + table));
        assertThat(itself.text("SELECT to_regclass('dropped') IS NULL")).isEqualTo("t");
    }

    private void whileNobodyStartsProcesses(LostCommits.Meanwhile meanwhile) throws Exception {
        List<Long> keeper = List.of(cluster.part(Part.KEEPER).pid());
        Signals.send("STOP", keeper);
        try {
            meanwhile.run();
        } finally {
            Signals.send("CONT", keeper);
        }
    }

    private long sidecar(ClusterFile.Node node) {
        return Optional.ofNullable(cluster.node(node.name()).sidecarPid()).orElseThrow();
    }

    private static Path largestBundle(Path backup) throws IOException {
        try (Stream<Path> files = Files.list(backup)) {
            return files.filter(file -> file.getFileName().toString().startsWith("bundle-"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void letBeRead(Path file, boolean mayBeRead) throws IOException {
        Files.setPosixFilePermissions(
                file, PosixFilePermissions.fromString(mayBeRead ? "rw-------" : "---------"));
    }
}
