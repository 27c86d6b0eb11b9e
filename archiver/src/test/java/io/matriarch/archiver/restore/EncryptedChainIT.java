package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.sql.WalSwitch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A chain of incremental backups in the middle of which the key is changed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncryptedChainIT {

    private final TestKey old = TestKey.create();
    private final TestKey rotated = TestKey.create();
    private final Keyring both = TestKey.readingWith(old, rotated);

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup last;
    private BaseBackup blind;
    private String rows;

    @SuppressWarnings("NullAway.Init") // made before all tests
    EncryptedChainIT() {}

    @BeforeAll
    void a_chain() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) g");
        Keyring before = TestKey.readingWith(TestKey.writingFor(old), old);
        Keyring after = TestKey.readingWith(TestKey.writingFor(rotated), old, rotated);
        BaseBackup full = backup(before);
        cluster.sql("UPDATE t SET g = -g WHERE g % 1000 = 0");
        BaseBackup first = backup(before);
        cluster.sql("UPDATE t SET g = -g WHERE g % 1000 = 1");
        last = backup(after);
        rows = cluster.sql("SELECT count(*), sum(g) FROM t");
        cluster.sql("CHECKPOINT");
        blind = backup(TestKey.writingFor(rotated));
        restores.archiveAll();
        assertThat(first.wal().base().orElseThrow().backup()).isEqualTo(full.id());
        assertThat(last.wal().base().orElseThrow().backup()).isEqualTo(first.id());
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    private ObjectStore store(Keyring keyring) {
        return new DelegatingStore.Keyed(cluster.store(), keyring);
    }

    private BaseBackup backup(Keyring keyring) throws InterruptedException {
        return new BackupRun(
                        store(keyring),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1))
                                .with("type", "incremental"),
                        new WalSwitch(cluster.address()))
                .run("chain", TransferProgress.SILENT);
    }

    private RestorePlan plan() {
        return restores.plan(
                new RestoreRequest(
                        new RestoreTarget.Immediate(), Optional.empty(), Optional.of(last.id())));
    }

    @Test
    void it_is_restored_with_both_keys() throws Exception {
        Path directory = cluster.fresh("restored");

        restores.restore(store(both), plan(), Restores.into(directory));

        Restores.verify(directory);
        Restores.started(
                directory,
                port ->
                        assertThat(TestCluster.sql(port, "SELECT count(*), sum(g) FROM t"))
                                .isEqualTo(rows));
    }

    @Test
    void one_of_the_keys_is_not_enough_and_the_other_is_named() {
        for (TestKey key : new TestKey[] {old, rotated}) {
            TestKey missing = key.equals(old) ? rotated : old;
            try (RestoreRun run =
                    new RestoreRun(
                            store(TestKey.readingWith(key)),
                            cluster.layout(),
                            plan(),
                            Restores.into(cluster.fresh("refused")))) {
                assertThatThrownBy(() -> run.check(false))
                        .isInstanceOf(RestoreException.class)
                        .hasMessageContaining("is encrypted for " + missing.fingerprint());
            }
        }
    }

    @Test
    void who_cannot_read_what_it_would_be_based_on_takes_a_full_one() {
        assertThat(blind.isIncremental()).isFalse();
    }
}
