package io.matriarch.sidecar.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.sql.WalSwitch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A standby's data directory, built from a real archive. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveCloneIT {

    private static final String OWNER = "this-cluster";

    private TestCluster cluster;

    @TempDir private Path folder;

    @BeforeAll
    void a_cluster_with_a_backup() throws Exception {
        cluster = TestCluster.start();
        new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()))
                .run("clone", TransferProgress.SILENT);
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @AfterEach
    void unclaimed() throws Exception {
        Files.deleteIfExists(cluster.object(cluster.layout().claim()));
    }

    @Test
    void the_own_archive_builds_a_standby() throws Exception {
        claimed(cluster.layout());
        Path directory = folder.resolve("own");

        boolean isBuilt = restoreInto(directory);

        assertThat(isBuilt).isTrue();
        assertThat(directory.resolve("standby.signal")).exists();
    }

    @Test
    void an_archive_without_a_claim_builds_one_too() throws Exception {
        Path directory = folder.resolve("unclaimed");

        boolean isBuilt = restoreInto(directory);

        assertThat(isBuilt).isTrue();
        assertThat(directory.resolve("standby.signal")).exists();
    }

    @Test
    void the_archive_of_a_cluster_of_another_name_builds_none() throws Exception {
        claimed(
                new RepositoryLayout(
                        new ClusterName("other"), cluster.layout().systemIdentifier()));
        Path directory = folder.resolve("other-name");

        boolean isBuilt = restoreInto(directory);

        assertThat(isBuilt).isFalse();
        assertThat(directory).doesNotExist();
    }

    @Test
    void the_archive_of_another_system_builds_none() throws Exception {
        claimed(new RepositoryLayout(cluster.layout().cluster(), new SystemIdentifier(4711)));
        Path directory = folder.resolve("other-system");

        boolean isBuilt = restoreInto(directory);

        assertThat(isBuilt).isFalse();
        assertThat(directory).doesNotExist();
    }

    /** It has the same name and the same system identifier, and from some moment on other WAL. */
    @Test
    void the_archive_that_this_cluster_is_a_copy_of_builds_none() throws Exception {
        claimed(cluster.layout(), "the-original");
        Path directory = folder.resolve("of-the-original");

        boolean isBuilt = restoreInto(directory);

        assertThat(isBuilt).isFalse();
        assertThat(directory).doesNotExist();
    }

    @Test
    void a_directory_that_is_there_becomes_the_backup_again() throws Exception {
        claimed(cluster.layout());
        Path directory = folder.resolve("over");
        restoreInto(directory);
        Path control = directory.resolve("global/pg_control");
        Path changed = directory.resolve("base/1/1259");
        byte[] pages = Files.readAllBytes(changed);
        Files.write(changed, new byte[pages.length]);
        Files.createFile(directory.resolve("pg_wal/00000001000000000000000F"));
        Files.delete(control);

        Optional<String> obstacle = restoreOver(directory);

        assertThat(obstacle).isEmpty();
        assertThat(changed).hasBinaryContent(pages);
        assertThat(directory.resolve("pg_wal/00000001000000000000000F")).doesNotExist();
        assertThat(control).exists();
        assertThat(directory.resolve("standby.signal")).exists();
    }

    @Test
    void a_directory_is_not_gone_over_with_what_another_cluster_has_claimed() throws Exception {
        claimed(cluster.layout());
        Path directory = folder.resolve("not-over");
        restoreInto(directory);
        Path label = directory.resolve("backup_label");
        Files.delete(label);
        claimed(cluster.layout(), "the-original");

        Optional<String> obstacle = restoreOver(directory);

        assertThat(obstacle).get().asString().contains("the-original");
        assertThat(label).doesNotExist();
        assertThat(directory.resolve("global/pg_control")).exists();
    }

    @Test
    void without_a_backup_a_directory_stays_as_it_is() throws Exception {
        claimed(cluster.layout());
        Path directory = folder.resolve("stays");
        restoreInto(directory);
        RepositoryLayout empty =
                new RepositoryLayout(new ClusterName("empty"), cluster.layout().systemIdentifier());

        Optional<String> obstacle = restoreOver(directory, empty);

        assertThat(obstacle).isPresent();
        assertThat(directory.resolve("global/pg_control")).exists();
    }

    private boolean restoreInto(Path directory) throws InterruptedException {
        return archive(cluster.layout())
                .restoreNewest(cluster.layout().systemIdentifier(), directory);
    }

    private Optional<String> restoreOver(Path directory) throws InterruptedException {
        return restoreOver(directory, cluster.layout());
    }

    private Optional<String> restoreOver(Path directory, RepositoryLayout layout)
            throws InterruptedException {
        return archive(layout).restoreOver(cluster.layout().systemIdentifier(), directory);
    }

    private ArchiveClone archive(RepositoryLayout layout) {
        return new ArchiveClone(cluster.store(), _ -> layout, () -> OWNER, Optional::empty);
    }

    private void claimed(RepositoryLayout by) throws Exception {
        claimed(by, OWNER);
    }

    private void claimed(RepositoryLayout by, String owner) throws Exception {
        Claim claim = Claim.of(by, owner, new WalSegmentSize(1 << 20), Instant.EPOCH);
        Files.write(cluster.object(cluster.layout().claim()), RepositoryJson.write(claim));
    }
}
