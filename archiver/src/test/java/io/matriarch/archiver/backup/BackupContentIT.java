package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What a base backup makes of the files that it meets. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupContentIT {

    private static final BackupSettings SETTINGS =
            new BackupSettings(2, 1, 4 << 20, Duration.ofMinutes(1));
    private static final String KEPT = "SELECT count(*), sum(hashtext(r)) FROM kept";

    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init") // opened before each test
    BackupContentIT() {}

    @BeforeEach
    void open() throws Exception {
        cluster = TestCluster.start();
        cluster.sql(
                "CREATE TABLE kept AS SELECT g, gen_random_uuid()::text AS r"
                        + " FROM generate_series(1, 5000) g; CREATE INDEX ON kept (r)");
    }

    @AfterEach
    void close() throws Exception {
        cluster.close();
    }

    private BackupRun run(Path data, BackupSettings settings) {
        return new BackupRun(
                cluster.store(),
                cluster.layout(),
                new BackupSource(cluster.address(), data, "node1", 1),
                settings,
                new WalSwitch(cluster.address()));
    }

    @Test
    void files_that_come_grow_shrink_and_go_meanwhile_are_put_right_by_replay() throws Exception {
        String kept = cluster.sql(KEPT);
        try (Load load = Load.ofChurn(cluster)) {
            for (int i = 0; i < 4; i++) {
                run(cluster.data(), SETTINGS).run("churn", TransferProgress.SILENT);
            }
            assertThat(load.isRunning()).isTrue();
        }
        BaseBackup last = Backups.list(cluster.store(), cluster.layout()).getLast();

        assertThat(last.corruptPages()).isEmpty();
        RestoredCopy.of(cluster, last, "restored")
                .started(port -> {
                    assertThat(TestCluster.sql(port, KEPT)).isEqualTo(kept);
                    RestoredCopy.checkAll(port);
                });
    }

    @Test
    void a_corrupt_page_is_named_and_the_backup_is_made_all_the_same() throws Exception {
        String path = cluster.sql("SELECT pg_relation_filepath('kept')");
        cluster.stopServer("fast");
        try (RandomAccessFile file =
                new RandomAccessFile(cluster.data().resolve(path).toFile(), "rw")) {
            file.seek(3 * 8192 + 4000);
            file.write("no longer what it was".getBytes(StandardCharsets.UTF_8));
        }
        byte[] damaged = Files.readAllBytes(cluster.data().resolve(path));
        cluster.startServer();

        BaseBackup backup = run(cluster.data(), SETTINGS).run("bad page", TransferProgress.SILENT);

        assertThat(backup.corruptPages()).containsExactly(new CorruptPages(path, List.of(3L)));
        assertThat(Backups.list(cluster.store(), cluster.layout())).containsExactly(backup);
        RestoredCopy restored = RestoredCopy.of(cluster, backup, "restored");
        assertThat(Files.readAllBytes(restored.directory().resolve(path))).isEqualTo(damaged);
    }

    @Test
    void the_data_directory_of_another_cluster_is_refused() throws Exception {
        try (TestCluster other = TestCluster.start()) {
            assertThatThrownBy(() ->
                            run(other.data(), SETTINGS).run("mixed up", TransferProgress.SILENT))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("system identifier")
                    .hasMessageContaining(other.layout().systemIdentifier().toString())
                    .hasMessageContaining(cluster.layout().systemIdentifier().toString());
        }
        assertThat(cluster.store().list(cluster.layout().backupsFolder())).isEmpty();
    }

    @Test
    void a_throttled_run_keeps_its_limit() throws Exception {
        long rate = 8L << 20;
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        TransferProgress timing =
                (done, total) -> {
                    long now = System.nanoTime();
                    if (first.compareAndSet(0, now)) {
                        bytes.set(-done);
                    }
                    last.accumulateAndGet(now, Math::max);
                };

        BaseBackup backup =
                run(cluster.data(), SETTINGS.withLimits(PaceLimits.NONE.withThrottle("8MB/s")))
                        .run("slowly", timing);

        double seconds = (last.get() - first.get()) / 1e9;
        double copied = backup.totals().bytes() + bytes.get();
        assertThat(backup.totals().bytes()).isGreaterThan(2 * rate);
        assertThat(copied / (rate * seconds)).isLessThan(1.3);
    }
}
