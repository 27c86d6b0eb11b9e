package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupException;
import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.archiver.recovery.ServerPrograms;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.retention.PruneReport;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPlan;
import io.matriarch.archiver.retention.RetentionPlanner;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.sql.RecoveryProbe;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Backups, restores and prunings that something goes wrong with. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepositoryFaultsIT {

    private TestCluster cluster;
    private BaseBackup backup;

    @BeforeAll
    void a_cluster_with_a_backup() throws Exception {
        cluster = TestCluster.start();
        cluster.sql(
                "CREATE TABLE t AS SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g");
        backup = run(cluster.store()).run("good", TransferProgress.SILENT);
        cluster.sql("INSERT INTO t VALUES (0, 'later')");
        cluster.sql("SELECT pg_switch_wal()");
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_flipped_bit_in_a_bundle_is_found_and_the_object_named() throws Exception {
        String key = bundle();
        damaged(key, bytes -> bytes[bytes.length / 2] ^= 1);

        assertThatRestoreNames(key, "damaged");
    }

    @Test
    void a_truncated_bundle_is_found_and_named() throws Exception {
        String key = bundle();
        Path object = cluster.object(key);
        byte[] good = Files.readAllBytes(object);
        Files.write(object, Arrays.copyOf(good, good.length - 100));
        try {
            assertThatRestoreNames(key, "truncated");
        } finally {
            Files.write(object, good);
        }
    }

    @Test
    void a_missing_bundle_is_found_and_named() throws Exception {
        String key = bundle();
        Path object = cluster.object(key);
        byte[] good = Files.readAllBytes(object);
        Files.delete(object);
        try {
            assertThatRestoreNames(key, "missing");
        } finally {
            Files.write(object, good);
        }
    }

    @Test
    void a_flipped_bit_in_the_manifest_is_found_before_anything_is_written() throws Exception {
        String key = cluster.layout().manifest(backup.id());
        Path directory = cluster.fresh("manifest");
        byte[] good = flip(key, bytes -> bytes[bytes.length / 2] ^= 1);
        try {
            assertThatThrownBy(() -> restore(cluster.store(), directory))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(key);
            assertThat(directory).doesNotExist();
        } finally {
            Files.write(cluster.object(key), good);
        }
    }

    @Test
    void a_flipped_bit_in_wal_is_found_and_named() throws Exception {
        String key = cluster.layout().segment(plan().wal().getLast());
        damaged(key, bytes -> bytes[bytes.length / 2] ^= 1);

        assertThatRestoreNames(key, "damaged");
    }

    @Test
    void a_directory_that_is_not_empty_is_refused_and_not_touched() throws Exception {
        Path directory = Files.createDirectory(cluster.fresh("mine"));
        Path file = Files.writeString(directory.resolve("diary"), "dear diary");

        assertThatThrownBy(() -> restore(cluster.store(), directory))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("not empty");
        assertThat(directory).isDirectoryContaining(file::equals);
        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    void a_restore_that_broke_off_cannot_start_and_goes_on() throws Exception {
        Path directory = cluster.fresh("resumed");
        AtomicInteger gets = new AtomicInteger();
        ObjectStore failing =
                new WatchedStore(
                        cluster.store(),
                        call -> call.startsWith("get") && gets.incrementAndGet() > 4);
        RestorePlan plan = plan();
        assertThatThrownBy(() -> restore(failing, plan, directory))
                .isInstanceOf(StoreException.class);
        assertThat(directory.resolve("global/pg_control")).doesNotExist();

        RestoreReport report = restore(cluster.store(), plan, directory);

        assertThat(report.wasComplete()).isFalse();
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
        assertThat(restore(cluster.store(), plan, directory).wasComplete()).isTrue();
    }

    @Test
    void a_target_that_no_transaction_reaches_is_reported_by_the_start() throws Exception {
        Path directory = cluster.fresh("unreached");
        RestorePlan latest = plan();
        RestorePlan beyond =
                new RestorePlan(
                        new RestoreTarget.PointInTime(Instant.now().plusSeconds(3600), true),
                        latest.backup(),
                        List.of(),
                        latest.timeline(),
                        latest.wal(),
                        latest.end(),
                        latest.madeByReplay(),
                        latest.histories(),
                        latest.notes());
        restore(cluster.store(), beyond, directory);
        RestoredServer server = start(directory, FreePort.draw());
        try {
            assertThatThrownBy(() -> server.follow(progress -> {}))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("before configured recovery target");
        } finally {
            server.stop();
        }
    }

    @Test
    void a_standby_comes_up_from_a_backup_and_follows_the_primary() throws Exception {
        Path directory = cluster.fresh("standby");
        int port = FreePort.draw();
        RestoreMode mode =
                RestoreMode.AsStandby.of(
                        Map.of(
                                "primary_conninfo",
                                "host=127.0.0.1 port=" + cluster.port() + " user=postgres",
                                "restore_command",
                                "zstd -q -d -f "
                                        + cluster.object(cluster.layout().walFolder())
                                        + "/00000001/%f.zst -o %p",
                                "archive_mode",
                                "off"));
        RestoreOptions options =
                new RestoreOptions(directory, mode, Map.of(), TestCluster.owner(), 4);
        new RestoreRun(cluster.store(), cluster.layout(), plan(), options)
                .run(TransferProgress.SILENT);
        RestoredServer server = start(directory, port);
        try {
            RecoveryProbe probe = new RecoveryProbe(server.address());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> probe.progress().isInRecovery());
            cluster.sql("CREATE TABLE followed (id int)");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() ->
                            TestCluster.sql(port, "SELECT count(*) FROM followed").equals("0"));

            BaseBackup fromStandby = backupOfStandby(directory, port);
            assertThat(fromStandby.server().isStandby()).isTrue();
            Path second = cluster.fresh("of-standby");
            restore(cluster.store(), planOf(fromStandby), second);
            RestoredServer restored = start(second, FreePort.draw());
            try {
                assertThat(restored.follow(progress -> {}).end())
                        .isEqualTo(RecoveryOutcome.End.PROMOTED);
            } finally {
                restored.stop();
            }
        } finally {
            server.stop();
        }
    }

    private BaseBackup backupOfStandby(Path directory, int port) throws InterruptedException {
        return new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(
                                ServerAddress.tcp(
                                        "127.0.0.1", port, TestCluster.USER, Optional.empty()),
                                directory,
                                "node2",
                                7),
                        settings(Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()))
                .run("from a standby", TransferProgress.SILENT);
    }

    @Test
    void a_backup_that_breaks_off_at_any_object_is_not_listed() throws Exception {
        int before = Backups.list(cluster.store(), cluster.layout()).size();
        int objects = backup.objects().size() + 1;
        for (int last = 0; last < objects; last += 2) {
            int allowed = last;
            AtomicInteger puts = new AtomicInteger();
            ObjectStore failing =
                    new WatchedStore(
                            cluster.store(),
                            call -> call.startsWith("put") && puts.incrementAndGet() > allowed);

            assertThatThrownBy(() -> run(failing).run("broken off", TransferProgress.SILENT))
                    .isInstanceOf(StoreException.class);
            assertThat(Backups.list(cluster.store(), cluster.layout())).hasSize(before);
        }
        RetentionPlan plan = retention(RetentionPolicy.keep(9), Instant.now().plusSeconds(90_000));
        assertThat(plan.garbage()).isNotEmpty();
        prune(cluster.store(), RetentionPolicy.keep(9), Instant.now().plusSeconds(90_000));
        assertThat(Backups.folders(cluster.store(), cluster.layout())).hasSize(before);
    }

    @Test
    void wal_that_does_not_arrive_fails_the_backup_in_time() throws Exception {
        int before = Backups.list(cluster.store(), cluster.layout()).size();
        cluster.sql("ALTER SYSTEM SET archive_command = 'false'");
        cluster.sql("SELECT pg_reload_conf()");
        BackupRun run =
                new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        settings(Duration.ofSeconds(2)),
                        new WalSwitch(cluster.address()));
        try {
            assertThatThrownBy(() -> run.run("without WAL", TransferProgress.SILENT))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("not in the archive after 2 s");
            assertThat(Backups.list(cluster.store(), cluster.layout())).hasSize(before);
        } finally {
            cluster.sql("ALTER SYSTEM RESET archive_command");
            cluster.sql("SELECT pg_reload_conf()");
        }
    }

    @Test
    void a_corrupt_page_is_reported_and_the_backup_taken_all_the_same() throws Exception {
        cluster.sql("CREATE TABLE rotten AS SELECT g FROM generate_series(1, 2000) g");
        cluster.sql("CHECKPOINT");
        Path file = cluster.data().resolve(cluster.sql("SELECT pg_relation_filepath('rotten')"));
        byte[] good = Files.readAllBytes(file);
        byte[] bad = good.clone();
        bad[8192 + 5000] ^= 1;
        Files.write(file, bad);
        try {
            BaseBackup taken = run(cluster.store()).run("rotten", TransferProgress.SILENT);

            assertThat(taken.corruptPages())
                    .containsExactly(
                            new CorruptPages(
                                    cluster.data().relativize(file).toString(), List.of(1L)));
        } finally {
            Files.write(file, good);
        }
    }

    @Test
    void files_of_another_cluster_are_refused() {
        RepositoryLayout other =
                new RepositoryLayout(cluster.layout().cluster(), new SystemIdentifier(1));
        BackupRun run =
                new BackupRun(
                        cluster.store(),
                        other,
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        settings(Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()));

        assertThatThrownBy(() -> run.run("of another", TransferProgress.SILENT))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("system identifier");
    }

    @Test
    void a_pruning_that_breaks_off_leaves_no_half_backup_listed() throws Exception {
        BaseBackup newest = run(cluster.store()).run("newest", TransferProgress.SILENT);
        RetentionPlan plan = retention(RetentionPolicy.keep(1), Instant.now());
        assertThat(plan.kept()).containsExactly(newest);
        ObjectStore failing =
                new WatchedStore(
                        cluster.store(),
                        call -> call.startsWith("delete") && call.endsWith(".tar.zst"));
        assertThat(prune(failing, RetentionPolicy.keep(1), Instant.now()).refused())
                .isNotEmpty()
                .allMatch(refusal -> refusal.contains(".tar.zst"));
        assertThat(Backups.list(cluster.store(), cluster.layout())).containsExactly(newest);

        RetentionPlan again = retention(RetentionPolicy.keep(1), Instant.now());
        prune(cluster.store(), RetentionPolicy.keep(1), Instant.now());

        assertThat(Backups.folders(cluster.store(), cluster.layout())).containsExactly(newest.id());
        assertThat(again.garbage()).isNotEmpty();
        backup = newest;
        cluster.sql("SELECT pg_switch_wal()");
        restore(cluster.store(), planOf(newest), cluster.fresh("after-pruning"));
    }

    private interface Damage {
        void to(byte[] bytes);
    }

    private String damagedKey = "";
    private byte[] undamaged = {};

    private void damaged(String key, Damage damage) throws IOException {
        damagedKey = key;
        undamaged = flip(key, damage);
    }

    private byte[] flip(String key, Damage damage) throws IOException {
        byte[] good = Files.readAllBytes(cluster.object(key));
        byte[] bad = good.clone();
        damage.to(bad);
        Files.write(cluster.object(key), bad);
        return good;
    }

    private void assertThatRestoreNames(String key, String what) throws Exception {
        Path directory = cluster.fresh("damaged-" + System.nanoTime());
        try {
            assertThatThrownBy(() -> restore(cluster.store(), directory))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(key)
                    .hasMessageContaining(what);
            assertThat(directory.resolve("global/pg_control")).doesNotExist();
        } finally {
            if (damagedKey.equals(key)) {
                Files.write(cluster.object(key), undamaged);
            }
        }
    }

    /** The object that holds the most. */
    private String bundle() {
        return backup.objects().stream()
                .max((one, other) -> Long.compare(one.size(), other.size()))
                .map(object -> cluster.layout().backupFolder(backup.id()) + object.name())
                .orElseThrow();
    }

    private RestorePlan plan() {
        return planOf(backup);
    }

    private RestorePlan planOf(BaseBackup wanted) {
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.of(
                                        cluster.store(), cluster.layout(), Optional.empty()))
                        .plan(
                                new RestoreRequest(
                                        new RestoreTarget.Latest(),
                                        Optional.empty(),
                                        Optional.of(wanted.id())));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    private RestoreReport restore(ObjectStore store, Path directory) throws InterruptedException {
        return restore(store, plan(), directory);
    }

    private RestoreReport restore(ObjectStore store, RestorePlan plan, Path directory)
            throws InterruptedException {
        RestoreOptions options =
                new RestoreOptions(
                        directory, RestoreMode.Recover.DEFAULT, Map.of(), TestCluster.owner(), 4);
        return new RestoreRun(store, cluster.layout(), plan, options).run(TransferProgress.SILENT);
    }

    private static RestoredServer start(Path directory, int port) throws InterruptedException {
        return RestoredServer.start(
                directory,
                new ServerPrograms(
                        TestCluster.PROGRAMS,
                        TestCluster.owner(),
                        port,
                        TestCluster.USER,
                        Duration.ofMinutes(1)));
    }

    private RetentionPlan retention(RetentionPolicy policy, Instant now) {
        return RetentionPlanner.plan(retentionFacts(), policy, now);
    }

    private RetentionFacts retentionFacts() {
        return RetentionFacts.of(cluster.store(), cluster.layout(), Optional.empty(), Set.of());
    }

    private PruneReport prune(ObjectStore store, RetentionPolicy policy, Instant now) {
        return new Pruner(store, cluster.layout(), () -> {}).prune(retentionFacts(), policy, now);
    }

    private static BackupSettings settings(Duration walWait) {
        return new BackupSettings(2, 1, 4 << 20, walWait);
    }

    private BackupRun run(ObjectStore store) {
        return new BackupRun(
                store,
                cluster.layout(),
                new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                settings(Duration.ofMinutes(1)),
                new WalSwitch(cluster.address()));
    }
}
