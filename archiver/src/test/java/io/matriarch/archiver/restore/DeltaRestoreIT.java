package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.host.FileTrees;
import io.matriarch.postgres.host.FolderEntries;
import io.matriarch.postgres.host.HeldLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Restores over data directories that are there already. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeltaRestoreIT {

    private static final String SUM =
            "SELECT (SELECT sum(hashtext(r)) FROM big), (SELECT sum(g) FROM apart)";

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup backup;
    private RestorePlan plan;
    private String sum;

    @BeforeAll
    void a_cluster_with_a_backup() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        Path space = TestCluster.own(Files.createDirectory(cluster.fresh("space")));
        cluster.sql("CREATE TABLESPACE elsewhere LOCATION '" + space + "'");
        cluster.sql(
                "CREATE TABLE big AS SELECT g, gen_random_uuid()::text AS r FROM"
                        + " generate_series(1, 60000) g");
        cluster.sql(
                "CREATE TABLE apart TABLESPACE elsewhere AS SELECT g FROM generate_series(1, 9000)"
                        + " g");
        backup = restores.backup("good");
        cluster.sql("INSERT INTO big VALUES (0, 'later')");
        sum = cluster.sql(SUM);
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_directory_that_has_lived_on_becomes_the_backup_again() throws Exception {
        Path directory = lived("lived");
        Path rotten = directory.resolve(relation("big"));
        FileTime modified = Files.getLastModifiedTime(rotten);
        byte[] bytes = Files.readAllBytes(rotten);
        bytes[bytes.length / 2] ^= 1;
        Files.write(rotten, bytes);
        Files.setLastModifiedTime(rotten, modified);
        Files.createDirectory(directory.resolve("base/99999"));
        Files.writeString(directory.resolve("base/99999/1"), "not of the backup");
        Files.createSymbolicLink(directory.resolve("base/link"), cluster.data());

        RestoreReport report = restores.restore(plan, delta("lived"));

        assertThat(report.wasComplete()).isFalse();
        assertThat(report.transfer().keptFiles()).isGreaterThan(report.files() / 2);
        assertThat(report.transfer().keptBytes()).isBetween(1L, report.bytes() - bytes.length);
        assertThat(report.transfer().removedFiles()).isGreaterThan(2);
        assertThat(report.transfer().fetchedBytes())
                .isBetween(1L, backup.totals().storedBytes() - 1);
        Restores.verify(directory);
        assertThat(cluster.data().resolve("PG_VERSION")).exists();
        Restores.started(
                directory,
                port -> {
                    assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum);
                    assertThat(TestCluster.sql(port, "SELECT to_regclass('after_life') IS NULL"))
                            .isEqualTo("t");
                });
    }

    @Test
    void what_is_as_in_the_backup_is_not_fetched_again() throws Exception {
        Path directory = cluster.fresh("same");
        restores.restore(plan, options("same"));
        Files.delete(directory.resolve("recovery.signal"));

        RestoreReport report = restores.restore(plan, delta("same"));

        // The settings, and the files that only the seal writes.
        assertThat(report.transfer().keptFiles()).isGreaterThanOrEqualTo(report.files() - 4);
        Restores.verify(directory);
        assertThat(restores.restore(plan, delta("same")).wasComplete()).isTrue();
    }

    @Test
    void a_tablespace_that_the_backup_does_not_have_is_cleared() throws Exception {
        Path directory = cluster.fresh("more");
        Path added = TestCluster.own(Files.createDirectory(cluster.fresh("added")));
        restores.restore(plan, options("more"));
        Restores.started(
                directory,
                port -> {
                    TestCluster.sql(port, "CREATE TABLESPACE added LOCATION '" + added + "'");
                    TestCluster.sql(port, "CREATE TABLE there (g int) TABLESPACE added");
                });
        assertThat(added).isNotEmptyDirectory();

        restores.restore(plan, delta("more"));

        Restores.verify(directory);
        try (var links = Files.list(directory.resolve("pg_tblspc"))) {
            assertThat(links).hasSize(1);
        }
        try (var left = Files.walk(added)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void a_server_that_runs_is_not_touched() throws Exception {
        Path directory = cluster.fresh("running");
        restores.restore(plan, options("running"));
        Restores.started(
                directory,
                port -> {
                    assertThatThrownBy(() -> restores.restore(plan, delta("running")))
                            .isInstanceOf(RestoreException.class)
                            .hasMessageContaining("a server runs on it");
                    assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum);
                });
    }

    @Test
    void a_directory_whose_supervisor_holds_its_lock_is_not_touched() throws Exception {
        Path directory = lived("supervised");
        Path lock = Files.createFile(cluster.fresh("supervised.lock"));

        try (HeldLock _ = HeldLock.tryLock(lock).orElseThrow()) {
            assertThatThrownBy(() -> restores.restore(plan, delta("supervised")))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(lock.toString());
        }

        assertThat(directory.resolve("global/pg_control")).exists();
        assertThat(restores.restore(plan, delta("supervised")).wasComplete()).isFalse();
        try (HeldLock free = HeldLock.tryLock(lock).orElseThrow()) {
            assertThat(free).isNotNull();
        }
    }

    @Test
    void another_clusters_directory_is_refused() throws Exception {
        Path directory = cluster.fresh("stranger");
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("initdb").toString(),
                "--no-sync",
                "--pgdata=" + directory);

        assertThatThrownBy(() -> restores.restore(plan, delta("stranger")))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("holds system identifier")
                .hasMessageContaining(cluster.layout().systemIdentifier().toString());
        assertThat(directory.resolve("global/pg_control")).exists();
    }

    @Test
    void a_directory_of_something_else_is_refused() throws Exception {
        Path directory = Files.createDirectory(cluster.fresh("photos"));
        Path file = Files.writeString(directory.resolve("holiday"), "sun");

        assertThatThrownBy(() -> restores.restore(plan, delta("photos")))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("no data directory");
        assertThat(file).hasContent("sun");
    }

    @Test
    void links_into_the_tablespaces_of_a_living_server_are_refused() throws Exception {
        Path copy = cluster.fresh("copy");
        TestCluster.run("cp", "-a", cluster.data().toString(), copy.toString());
        Files.delete(copy.resolve("postmaster.pid"));

        assertThatThrownBy(() -> restores.restore(plan, Restores.into(copy).asDelta()))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("belongs to the server that runs on " + cluster.data());
        assertThat(copy.resolve("global/pg_control")).exists();
        assertThat(cluster.sql(SUM)).isEqualTo(sum);
    }

    @Test
    void a_link_to_the_log_of_a_living_server_is_refused() throws Exception {
        Path directory = lived("log-away");
        Path log = cluster.fresh("log");
        Files.move(directory.resolve("pg_wal"), log);
        Files.createSymbolicLink(directory.resolve("pg_wal"), log);
        Path copy = lived("log-copied");
        FileTrees.remove(copy.resolve("pg_wal"));
        Files.createSymbolicLink(copy.resolve("pg_wal"), log);
        Restores.started(
                directory,
                port -> {
                    List<Path> before = FolderEntries.of(log);

                    assertThatThrownBy(() -> restores.restore(plan, delta("log-copied")))
                            .isInstanceOf(RestoreException.class)
                            .hasMessageContaining("its pg_wal leads to " + log)
                            .hasMessageContaining("the server that runs on " + directory);

                    assertThat(FolderEntries.of(log)).containsAll(before);
                });
    }

    @Test
    void what_no_server_has_put_beside_its_log_stays() throws Exception {
        Path directory = lived("log-on-a-volume");
        Path strange = Files.createDirectory(directory.resolve("pg_wal/lost+found"));
        Path segment = Files.createFile(directory.resolve("pg_wal/0000000900000000000000AA"));

        restores.restore(plan, delta("log-on-a-volume"));

        assertThat(strange).exists();
        assertThat(segment).doesNotExist();
    }

    @Test
    void a_delta_that_broke_off_cannot_start_and_goes_on() throws Exception {
        Path directory = lived("broken-off");
        byte[] bytes = Files.readAllBytes(directory.resolve(relation("big")));
        Files.write(directory.resolve(relation("big")), new byte[bytes.length]);
        AtomicInteger gets = new AtomicInteger();
        ObjectStore failing =
                new WatchedStore(
                        cluster.store(),
                        call -> call.contains("bundle-") && gets.incrementAndGet() > 1);

        assertThatThrownBy(() -> restores.restore(failing, plan, delta("broken-off")))
                .isInstanceOf(StoreException.class);

        assertThat(directory.resolve("global/pg_control")).doesNotExist();
        assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                .isInstanceOf(RestoreException.class);
        assertThatThrownBy(() -> restores.restore(plan, options("broken-off")))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("begun with --delta");
        restores.restore(plan, delta("broken-off"));
        Restores.verify(directory);
        Restores.started(directory, port -> assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum));
    }

    /** A restored directory whose server has gone its own way, and was stopped. */
    private Path lived(String name) throws Exception {
        Path directory = cluster.fresh(name);
        restores.restore(plan, options(name));
        Restores.started(
                directory,
                port -> {
                    TestCluster.sql(port, "CREATE TABLE after_life AS SELECT 1 AS one");
                    TestCluster.sql(port, "UPDATE big SET r = 'changed' WHERE g % 100 = 0");
                    TestCluster.sql(port, "DELETE FROM apart WHERE g > 10");
                });
        return directory;
    }

    private RestoreOptions options(String name) {
        return Restores.into(cluster.fresh(name))
                .withTablespaces(
                        Map.of(
                                backup.tablespaces().getFirst().oid(),
                                cluster.fresh(name + "-space")));
    }

    private RestoreOptions delta(String name) {
        return options(name).asDelta();
    }

    private String relation(String table) throws IOException, InterruptedException {
        return cluster.sql("SELECT pg_relation_filepath('" + table + "')");
    }
}
