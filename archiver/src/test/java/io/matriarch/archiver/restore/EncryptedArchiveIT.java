package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.drill.DrillMoment;
import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.push.PushSettings;
import io.matriarch.archiver.push.WalArchiver;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.script.ControlScripts;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * An archive that began in the clear, went on under one key and then under another, written by a
 * host that can read none of it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncryptedArchiveIT {

    private static final WalSegmentSize SEGMENT = new WalSegmentSize(1 << 20);
    private static final String MAGIC = "age-encryption.org/v1\n";

    private final TestKey old = TestKey.create();
    private final TestKey rotated = TestKey.create();
    private final Keyring all = TestKey.readingWith(old, rotated);

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup clear;
    private BaseBackup first;
    private BaseBackup second;
    private Lsn underOld;
    private Instant underRotated;

    @BeforeAll
    void an_archive_with_a_rotation_in_the_middle() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g");
        clear = backup(Keyring.NONE, "clear");
        restores.archiveAll();
        takeOverArchiving();
        try (WalArchiver archiver = archiver(TestKey.writingFor(old))) {
            archiver.start();
            cluster.sql("INSERT INTO t SELECT g FROM generate_series(1001, 2000) g");
            first = backup(TestKey.writingFor(old), "under the old key");
            cluster.sql("INSERT INTO t SELECT g FROM generate_series(2001, 3000) g");
            cluster.sql(
                    "CREATE TABLE noise AS SELECT gen_random_uuid() u FROM generate_series(1, 20000)");
            underOld = Lsn.parse(cluster.sql("SELECT pg_current_wal_insert_lsn()"));
            cluster.sql("INSERT INTO t VALUES (-1)");
            restores.archiveAll();
        }
        try (WalArchiver archiver = archiver(TestKey.writingFor(old, rotated))) {
            archiver.start();
            cluster.sql("INSERT INTO t VALUES (-2)");
            restores.archiveAll();
        }
        try (WalArchiver archiver = archiver(TestKey.writingFor(rotated))) {
            archiver.start();
            cluster.sql("INSERT INTO t SELECT g FROM generate_series(3001, 4000) g");
            underRotated = now();
            cluster.sql("INSERT INTO t VALUES (-3)");
            second = backup(TestKey.writingFor(rotated), "under the rotated key");
            cluster.sql("INSERT INTO t VALUES (-4)");
            restores.archiveAll();
        }
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    private ObjectStore store(Keyring keyring) {
        return new DelegatingStore.Keyed(cluster.store(), keyring);
    }

    private BaseBackup backup(Keyring keyring, String label) throws InterruptedException {
        return new BackupRun(
                        store(keyring),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()))
                .run(label, TransferProgress.SILENT);
    }

    private Path spool() {
        return cluster.folder().resolve("spool");
    }

    private void takeOverArchiving() throws Exception {
        Path control = Files.createDirectory(cluster.folder().resolve("control"));
        Files.createDirectories(spool().resolve("fetch"));
        ControlScripts scripts =
                new ControlScripts(control, spool(), ControlScripts.TROUBLE_OF_A_STANDBY);
        scripts.install();
        TestCluster.own(control);
        cluster.sql("ALTER SYSTEM SET archive_command = '" + scripts.archiveCommand() + "'");
        cluster.sql("SELECT pg_reload_conf()");
    }

    private WalArchiver archiver(Keyring keyring) {
        return new WalArchiver(
                PushSettings.of(cluster.layout(), SEGMENT, "node1/1", cluster.data(), spool()),
                store(keyring),
                () -> Optional.of(new WriterEpoch(1)));
    }

    private Instant now() throws Exception {
        cluster.sql("SELECT pg_sleep(0.05)");
        Instant now =
                Instant.parse(
                        cluster.sql(
                                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                                        + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        cluster.sql("SELECT pg_sleep(0.05)");
        return now;
    }

    private RestorePlan plan(RestoreTarget target, BackupId from) {
        return restores.plan(new RestoreRequest(target, Optional.empty(), Optional.of(from)));
    }

    private String restored(Keyring keyring, RestoreTarget target, BaseBackup from, String name)
            throws Exception {
        Path directory = cluster.fresh(name);
        restores.restore(store(keyring), plan(target, from.id()), Restores.into(directory));
        Restores.verify(directory);
        StringBuilder found = new StringBuilder();
        Restores.started(
                directory,
                port -> found.append(TestCluster.sql(port, "SELECT count(*), min(g) FROM t")));
        return found.toString();
    }

    private RestoreTarget atOld() {
        return new RestoreTarget.AtLsn(underOld, false);
    }

    private static RestoreTarget at(Instant time) {
        return new RestoreTarget.PointInTime(time, true);
    }

    @Test
    void all_content_since_the_change_is_encrypted() throws IOException {
        for (BaseBackup backup : List.of(first, second)) {
            for (BackupObject object : backup.objects()) {
                String key = cluster.layout().backupFolder(backup.id()) + object.name();
                assertThat(Files.readAllBytes(cluster.object(key)))
                        .as(key)
                        .startsWith(MAGIC.getBytes(StandardCharsets.US_ASCII));
                assertThat(cluster.store().head(key).orElseThrow().encryptedFor())
                        .contains((backup.id().equals(first.id()) ? old : rotated).fingerprint());
            }
        }
        assertThat(Files.readString(cluster.object(cluster.layout().backup(first.id()))))
                .contains("under the old key");
    }

    /** Any later target would not do: all of the log behind the backup is brought for it. */
    @Test
    void a_backup_before_the_rotation_is_restored_with_the_old_key_alone() throws Exception {
        assertThat(restored(TestKey.readingWith(old), new RestoreTarget.Immediate(), first, "old"))
                .isEqualTo("2000|1");
    }

    @Test
    void a_moment_before_the_rotation_is_reached_with_both() throws Exception {
        assertThat(restored(all, atOld(), first, "before")).isEqualTo("3000|1");
    }

    @Test
    void a_moment_behind_the_rotation_is_reached_from_before_it_with_both() throws Exception {
        assertThat(restored(all, at(underRotated), first, "both")).isEqualTo("4002|-2");
    }

    @Test
    void a_backup_in_the_clear_goes_on_through_all_keys() throws Exception {
        assertThat(restored(all, new RestoreTarget.Latest(), clear, "clear")).isEqualTo("4004|-4");
    }

    @Test
    void a_backup_of_the_new_key_needs_nothing_else() throws Exception {
        assertThat(
                        restored(
                                TestKey.readingWith(rotated),
                                new RestoreTarget.Latest(),
                                second,
                                "new"))
                .isEqualTo("4004|-4");
    }

    /** What a person is told, before anything is written. */
    private void assertRefused(
            Keyring keyring, RestoreTarget target, BaseBackup from, String... why) {
        Path directory = cluster.fresh("refused");
        try (RestoreRun run =
                new RestoreRun(
                        store(keyring),
                        cluster.layout(),
                        plan(target, from.id()),
                        Restores.into(directory))) {
            assertThatThrownBy(() -> run.check(false))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContainingAll(why);
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void who_only_writes_reads_nothing_and_is_told_which_key_it_needs() {
        assertRefused(
                TestKey.writingFor(old),
                new RestoreTarget.Latest(),
                first,
                "manifest.json.zst: is encrypted for " + old.fingerprint(),
                "this host has no identity");
    }

    @Test
    void a_wrong_key_is_told_from_the_right_one() {
        assertRefused(
                TestKey.readingWith(rotated),
                atOld(),
                first,
                "manifest.json.zst: is encrypted for " + old.fingerprint(),
                "none of the identities here fits: " + rotated.fingerprint());
    }

    @Test
    void a_key_that_is_missing_for_the_log_only_is_told_before_the_restore_begins() {
        assertRefused(
                TestKey.readingWith(old),
                at(underRotated),
                first,
                "is encrypted for " + rotated.fingerprint(),
                "none of the identities here fits: " + old.fingerprint());
    }

    @Test
    void who_only_writes_can_prove_what_is_stored() throws Exception {
        VerificationReport report = restores.verified(store(TestKey.writingFor(old)), Sample.ALL);

        assertThat(report.damaged()).isEmpty();
        assertThat(report.locked()).isPositive();
        assertThat(report.state().neverProven()).isZero();
        assertThat(restores.verified(store(all), Sample.ALL).locked()).isZero();
    }

    @Test
    void a_flipped_bit_is_found_with_a_key_and_without() throws Exception {
        WalSegment segment = plan(new RestoreTarget.Latest(), second.id()).wal().getLast();
        String wal = cluster.layout().segment(segment);
        String bundle = cluster.layout().bundle(second.id(), 1);
        byte[] goodWal = flip(wal);
        byte[] goodBundle = flip(bundle);
        try {
            for (Keyring keyring : List.of(TestKey.writingFor(old), all)) {
                assertThat(restores.verified(store(keyring), Sample.ALL).damaged())
                        .extracting(Damage::key)
                        .containsExactlyInAnyOrder(wal, bundle);
            }
            assertThatThrownBy(() -> restored(all, new RestoreTarget.Latest(), second, "damaged"))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("damaged")
                    .satisfies(e ->
                            assertThat(Stream.of(wal, bundle))
                                    .anyMatch(key -> String.valueOf(e.getMessage()).contains(key)));
        } finally {
            Files.write(cluster.object(wal), goodWal);
            Files.write(cluster.object(bundle), goodBundle);
        }
        assertThat(restores.verified(store(all), Sample.ALL).damaged()).isEmpty();
    }

    @Test
    void a_segment_that_is_cut_behind_a_chunk_is_damaged_and_not_shorter() throws Exception {
        WalSegment segment =
                plan(at(underRotated), first.id()).wal().stream()
                        .filter(it -> length(it) > 140_000)
                        .findFirst()
                        .orElseThrow();
        Path object = cluster.object(cluster.layout().segment(segment));
        byte[] good = Files.readAllBytes(object);
        int header = new String(good, StandardCharsets.ISO_8859_1).indexOf("\n--- ") + 49;
        Files.write(object, Arrays.copyOf(good, header + 16 + 65_536 + 16));
        try {
            assertThatThrownBy(() -> restored(all, at(underRotated), first, "cut"))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(segment.name())
                    .hasMessageContaining("changed or cut off");
        } finally {
            Files.write(object, good);
        }
    }

    private long length(WalSegment segment) {
        return cluster.store().head(cluster.layout().segment(segment)).orElseThrow().size();
    }

    private byte[] flip(String key) throws IOException {
        byte[] good = Files.readAllBytes(cluster.object(key));
        byte[] bad = good.clone();
        bad[bad.length - 3] ^= 1;
        Files.write(cluster.object(key), bad);
        return good;
    }

    @Test
    void a_drill_proves_it_with_the_key_and_blames_nothing_without() throws Exception {
        DrillRequest latest =
                new DrillRequest(
                        DrillMoment.parse("latest", 0),
                        "latest",
                        Optional.empty(),
                        Optional.empty());

        DrillReport read =
                restores.drilled(
                        store(TestKey.readingWith(rotated)),
                        latest,
                        Optional.of("SELECT min(g) = -4 FROM t"));
        DrillReport locked = restores.drilled(store(Keyring.NONE), latest, Optional.empty());
        DrillReport lockedLog =
                restores.drilled(
                        store(Keyring.NONE),
                        new DrillRequest(
                                latest.moment(),
                                "latest",
                                Optional.empty(),
                                Optional.of(clear.id())),
                        Optional.empty());

        assertThat(read.failure()).isEmpty();
        assertThat(locked.failure().orElseThrow().isOfTheArchive()).isFalse();
        assertThat(locked.failure().orElseThrow().reason()).contains("encrypted");
        assertThat(lockedLog.failure().orElseThrow().isOfTheArchive()).isFalse();
        assertThat(lockedLog.failure().orElseThrow().reason()).contains("encrypted");
    }
}
