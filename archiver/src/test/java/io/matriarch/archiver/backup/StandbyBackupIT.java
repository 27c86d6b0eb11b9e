package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.TestStandby;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.retention.PruneReport;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Base backups that are taken from a standby. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StandbyBackupIT {

    private static final String KEPT = "SELECT count(*), sum(hashtext(r)) FROM kept";

    private TestCluster primary;
    private TestStandby standby;

    @SuppressWarnings("NullAway.Init") // opened before each test
    StandbyBackupIT() {}

    @BeforeEach
    void open() throws Exception {
        primary = TestCluster.start();
        primary.sql(
                "CREATE TABLE kept AS SELECT g, gen_random_uuid()::text AS r"
                        + " FROM generate_series(1, 20000) g; CREATE INDEX ON kept (r)");
        standby = TestStandby.of(primary);
        standby.catchUp();
    }

    @AfterEach
    void close() throws Exception {
        standby.stop();
        primary.close();
    }

    private BackupRun run(ObjectStore store) {
        return new BackupRun(
                store,
                primary.layout(),
                new BackupSource(standby.address(), standby.data(), "standby", 1),
                new BackupSettings(2, 1, 4 << 20, Duration.ofMinutes(1)),
                new WalSwitch(primary.address()));
    }

    @Test
    void taken_under_write_load_it_restores_to_a_sound_server() throws Exception {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pgbench").toString(),
                "--initialize",
                "--scale=2",
                "--quiet",
                "--host=127.0.0.1",
                "--port=" + primary.port(),
                "--username=" + TestCluster.USER,
                "postgres");
        BaseBackup backup;
        try (Load load = Load.ofAccounts(primary)) {
            backup = run(primary.store()).run("from a standby", TransferProgress.SILENT);
            assertThat(load.isRunning()).isTrue();
        }
        String kept = primary.sql(KEPT);

        RestoredCopy restored = RestoredCopy.of(primary, backup, "restored");

        assertThat(backup.server().isStandby()).isTrue();
        assertThat(backup.wal().mark()).isPresent();
        assertThat(backup.corruptPages()).isEmpty();
        restored.started(port -> {
            assertThat(TestCluster.sql(port, KEPT)).isEqualTo(kept);
            assertThat(TestCluster.sql(port, "SELECT pg_is_in_recovery()")).isEqualTo("f");
            // What every transaction of pgbench leaves equal.
            assertThat(
                            TestCluster.sql(
                                    port,
                                    "SELECT (SELECT sum(abalance) FROM pgbench_accounts) ="
                                            + " (SELECT sum(delta) FROM pgbench_history) AND"
                                            + " (SELECT sum(tbalance) FROM pgbench_tellers) ="
                                            + " (SELECT sum(bbalance) FROM pgbench_branches)"))
                    .isEqualTo("t");
            RestoredCopy.checkAll(port);
        });
    }

    @Test
    void an_idle_standby_gives_a_backup_without_its_standby_signal() throws Exception {
        assertThat(standby.data().resolve("standby.signal")).exists();

        BaseBackup backup = run(primary.store()).run("idle", TransferProgress.SILENT);

        RestoredCopy restored = RestoredCopy.of(primary, backup, "restored");
        assertThat(restored.directory().resolve("standby.signal")).doesNotExist();
        restored.started(port ->
                assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept")).isEqualTo("20000"));
    }

    @Test
    void a_standbys_backup_is_incremental_to_the_primarys_and_the_other_way_round()
            throws Exception {
        BaseBackup full = incremental(primary.address(), primary.data(), "primary");
        primary.sql("UPDATE kept SET r = r || 'x' WHERE g % 100 = 0");
        primary.sql("CHECKPOINT");
        standby.catchUp();
        BaseBackup second = incremental(standby.address(), standby.data(), "standby");
        primary.sql("DELETE FROM kept WHERE g % 7 = 0");
        primary.sql("VACUUM kept");
        BaseBackup third = incremental(primary.address(), primary.data(), "primary");
        String kept = primary.sql(KEPT);

        RestoredCopy restored = RestoredCopy.of(primary, third, "restored");

        assertThat(full.isIncremental()).isFalse();
        assertThat(second.server().isStandby()).isTrue();
        assertThat(second.wal().base().orElseThrow().backup()).isEqualTo(full.id());
        assertThat(third.wal().base().orElseThrow().backup()).isEqualTo(second.id());
        restored.started(port -> {
            assertThat(TestCluster.sql(port, KEPT)).isEqualTo(kept);
            RestoredCopy.checkAll(port);
        });
    }

    /** It begins where the last that is there begins too, if no checkpoint lies between. */
    @Test
    void a_standby_that_has_seen_no_checkpoint_since_gives_a_full_backup() throws Exception {
        primary.sql("CHECKPOINT");
        standby.catchUp();
        BaseBackup full = incremental(standby.address(), standby.data(), "standby");

        BaseBackup next = incremental(standby.address(), standby.data(), "standby");

        assertThat(full.isIncremental()).isFalse();
        assertThat(next.isIncremental()).isFalse();
    }

    private BaseBackup incremental(ServerAddress server, Path data, String member)
            throws InterruptedException {
        return new BackupRun(
                        primary.store(),
                        primary.layout(),
                        new BackupSource(server, data, member, 1),
                        new BackupSettings(2, 1, 4 << 20, Duration.ofMinutes(1))
                                .with("type", "incremental"),
                        new WalSwitch(primary.address()))
                .run("incremental", TransferProgress.SILENT);
    }

    /** A standby begins at the last checkpoint that it has replayed. */
    @Test
    void a_pruning_in_mid_backup_leaves_the_wal_that_it_began_with() throws Exception {
        BackupRun before =
                new BackupRun(
                        primary.store(),
                        primary.layout(),
                        new BackupSource(primary.address(), primary.data(), "node1", 1),
                        BackupSettings.DEFAULT,
                        new WalSwitch(primary.address()));
        String _ = standby.sql("SELECT pg_wal_replay_pause()");
        BaseBackup old = before.run("old", TransferProgress.SILENT);
        BaseBackup kept = before.run("kept", TransferProgress.SILENT);
        AtomicReference<Optional<PruneReport>> report = new AtomicReference<>(Optional.empty());
        AtomicBoolean isPruned = new AtomicBoolean();
        ObjectStore pruning =
                new WatchedStore(
                        primary.store(),
                        call -> {
                            if (call.contains("bundle-") && isPruned.compareAndSet(false, true)) {
                                report.set(Optional.of(prune()));
                                resume();
                            }
                            return false;
                        });

        BaseBackup backup = run(pruning).run("from a standby", TransferProgress.SILENT);

        assertThat(report.get().map(PruneReport::backups)).contains(1);
        assertThat(backup.wal().start()).isLessThan(old.wal().start());
        assertThat(Backups.list(primary.store(), primary.layout())).containsExactly(kept, backup);
        RestoredCopy.of(primary, backup, "restored")
                .started(port ->
                        assertThat(TestCluster.sql(port, "SELECT count(*) FROM kept"))
                                .isEqualTo("20000"));
    }

    private void resume() {
        try {
            String _ = standby.sql("SELECT pg_wal_replay_resume()");
            standby.catchUp();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private PruneReport prune() {
        RetentionFacts facts =
                RetentionFacts.of(primary.store(), primary.layout(), Optional.empty(), Set.of());
        assertThat(facts.unfinished().values())
                .singleElement()
                .satisfies(it -> assertThat(it.needs().start()).isPresent());
        return new Pruner(primary.store(), primary.layout(), () -> {})
                .prune(facts, RetentionPolicy.keep(1), Instant.now());
    }

    @Test
    void a_change_of_primary_in_mid_backup_ends_it_and_nothing_is_listed() throws Exception {
        AtomicBoolean isPromoted = new AtomicBoolean();
        ObjectStore promoting =
                new WatchedStore(
                        primary.store(),
                        call -> {
                            if (call.contains("bundle-") && isPromoted.compareAndSet(false, true)) {
                                promote();
                            }
                            return false;
                        });

        assertThatThrownBy(() -> run(promoting).run("interrupted", TransferProgress.SILENT))
                .isInstanceOf(BackupException.class);

        assertThat(isPromoted).isTrue();
        assertThat(Backups.list(primary.store(), primary.layout())).isEmpty();
    }

    private void promote() {
        try {
            standby.promote();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoever_had_it_begun_hears_its_phases_and_has_the_last_word() throws Exception {
        List<BackupPhase> phases = new ArrayList<>();
        BackupWatch refusing =
                new BackupWatch() {
                    @Override
                    public void onPhase(BackupId backup, BackupPhase phase) {
                        phases.add(phase);
                    }

                    @Override
                    public void checkMayComplete() {
                        throw new BackupException("somebody else has it", "none");
                    }

                    @Override
                    public void onBytes(long done, long total) {}
                };

        assertThatThrownBy(() -> run(primary.store()).run("refused", refusing))
                .isInstanceOf(BackupException.class)
                .hasMessage("somebody else has it");

        assertThat(phases)
                .containsExactly(
                        BackupPhase.BEGINNING,
                        BackupPhase.COPYING,
                        BackupPhase.WAITING_FOR_WAL,
                        BackupPhase.COMPLETING);
        assertThat(Backups.list(primary.store(), primary.layout())).isEmpty();
        assertThat(Files.exists(primary.object(primary.layout().backupsFolder()))).isTrue();
    }
}
