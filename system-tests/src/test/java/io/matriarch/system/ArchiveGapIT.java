package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.Repository;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A new primary finds that WAL of its predecessor is nowhere, so a base backup is needed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveGapIT {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int PROBLEMS = 6;

    @RegisterExtension
    private static final LocalCluster CLUSTER =
            LocalCluster.with("--nodes", "2", "--store", "directory");

    private final RunningCluster cluster = CLUSTER.running();

    @Test
    void it_is_seen_until_a_backup_that_comes_by_itself_leads_to_the_present() throws Exception {
        await("the first backup").atMost(LocalCluster.PATIENCE).until(() -> backups().size() == 1);
        cluster.application().execute("CREATE TABLE notes (note text)");
        write();
        String lost = write();
        String last = write();
        await("segment " + last + " is archived")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> holds(last));
        ClusterFile.Node old = cluster.primary();
        awaitReplayed(cluster.othersThan(old).getFirst());
        lose(lost);
        letBackupsBeWritten(false);
        try {
            cluster.command("switchover", "--yes").orFail();
            ClusterFile.Node primary = awaitPrimaryWithGap(lost);
            assertThat(primary.name()).isNotEqualTo(old.name());
            await("the command tells of it")
                    .atMost(LocalCluster.PATIENCE)
                    .until(() ->
                            status().output().contains("! " + primary.name() + ": the archive"));
            assertThat(status().status()).isEqualTo(PROBLEMS);
            assertThat(window().orFail().output()).contains(lost + ", 1 segment missing");

            CLUSTER.startSidecarAnew(primary);
            awaitPrimaryWithGap(lost);
            assertThat(backups()).hasSize(1);
        } finally {
            letBackupsBeWritten(true);
        }

        await("another backup").atMost(LocalCluster.PATIENCE).until(() -> backups().size() == 2);
        await("nothing is told any more")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> gapAlarm(cluster.primary()).isEmpty());
        await("the cluster is well")
                .atMost(LocalCluster.PATIENCE)
                .until(() -> status().status() == 0);
        assertThat(backups()).as("one was enough").hasSize(2);
    }

    /** Commits a row, and ends the segment that it lies in. */
    private String write() throws SQLException {
        cluster.application().execute("INSERT INTO notes VALUES ('a note')");
        return cluster.superuser().text("SELECT pg_walfile_name(pg_switch_wal())");
    }

    private void awaitReplayed(ClusterFile.Node standby) throws SQLException {
        String end = cluster.superuser().text("SELECT pg_current_wal_lsn()");
        await("it has replayed what the test takes away")
                .atMost(LocalCluster.PATIENCE)
                .until(() ->
                        cluster.superuser()
                                .at(standby.postgres())
                                .text("SELECT pg_last_wal_replay_lsn() >= '" + end + "'")
                                .equals("t"));
    }

    /** In the archive, and at everybody who could put it there again. */
    private void lose(String segment) throws IOException {
        for (Path file : inTheStore(segment + ".zst")) {
            Files.delete(file);
        }
        for (ClusterFile.Node node : cluster.file().nodes()) {
            Files.deleteIfExists(Path.of(node.dataDir(), "pg_wal", segment));
        }
        assertThat(holds(segment)).isFalse();
    }

    private void letBackupsBeWritten(boolean mayBeWritten) throws IOException {
        for (Path folder : inTheStore("backups")) {
            Files.setPosixFilePermissions(
                    folder,
                    PosixFilePermissions.fromString(mayBeWritten ? "rwx------" : "r-x------"));
        }
    }

    private List<Path> inTheStore(String name) throws IOException {
        try (Stream<Path> files = Files.walk(cluster.root().resolve("archive"))) {
            return files.filter(file -> file.getFileName().toString().equals(name)).toList();
        }
    }

    private ClusterFile.Node awaitPrimaryWithGap(String lost) {
        return await("the primary tells of " + lost)
                .atMost(LocalCluster.PATIENCE)
                .until(
                        () ->
                                cluster.primaryIfReachable()
                                        .filter(it -> gapAlarm(it).orElse("").contains(lost)),
                        Optional::isPresent)
                .orElseThrow();
    }

    private Ended status() throws InterruptedException {
        return cluster.command("status");
    }

    private Ended window() throws InterruptedException {
        return Launcher.here().run("restore", "window", "--dir", cluster.root().toString());
    }

    private static Optional<String> gapAlarm(ClusterFile.Node node) {
        try (InputStream answer = URI.create(node.api() + "/status").toURL().openStream()) {
            JsonNode alarm = MAPPER.readTree(answer).path("archiving").path("gapAlarm");
            return alarm.isTextual() ? Optional.of(alarm.asText()) : Optional.empty();
        } catch (IOException unreachable) {
            return Optional.empty();
        }
    }

    private boolean holds(String segment) {
        try (Repository repository = Repository.of(cluster.file())) {
            return repository.holdsSegment(segment + ".zst");
        }
    }

    private List<String> backups() {
        try (Repository repository = Repository.of(cluster.file())) {
            return repository.backups();
        }
    }
}
