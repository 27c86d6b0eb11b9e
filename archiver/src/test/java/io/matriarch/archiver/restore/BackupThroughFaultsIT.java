package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.matriarch.archiver.backup.BackupException;
import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.BesideWal;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.s3.Fault;
import io.matriarch.archiver.s3.FaultProxy;
import io.matriarch.archiver.s3.Passing;
import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.s3.TestCertificate;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.sql.WalSwitch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups and restores, a real S3 server, and a proxy between them that fails. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupThroughFaultsIT {

    private TestCluster cluster;
    private S3Server server;
    private FaultProxy proxy;
    private FaultProxy secure;
    private ObjectStore direct;
    private ObjectStore store;
    private BaseBackup good;

    @BeforeAll
    void a_cluster_with_a_backup(@TempDir Path directory) throws Exception {
        server = S3Server.start(directory.resolve("server"));
        StoreSettings settings = server.settings("it");
        proxy = FaultProxy.before(settings);
        secure = FaultProxy.before(settings, TestCertificate.in(directory, "proxy"));
        cluster = TestCluster.start();
        cluster.sql(
                "CREATE TABLE big AS SELECT g, gen_random_uuid()::text || gen_random_uuid() AS r"
                        + " FROM generate_series(1, 250000) g");
        direct = new BesideWal(ObjectStore.open(settings), cluster.store());
        store = through(proxy);
        good = backup();
    }

    private ObjectStore through(FaultProxy line) {
        StoreSettings through = line.through(server.settings("it"));
        return new BesideWal(
                ObjectStore.open(
                        new StoreSettings(
                                through.location(),
                                through.credentials(),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(5))),
                cluster.store());
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
        proxy.close();
        secure.close();
        server.close();
    }

    @BeforeEach
    void heal() {
        proxy.heal();
    }

    /** Bundles, parts, manifest, marker: whichever of them is refused, there is no backup. */
    @ParameterizedTest
    @MethodSource("harmsToUploads")
    void whichever_request_of_a_backup_fails_no_commit_marker_appears(Fault fault)
            throws Exception {
        int number = 0;
        boolean wasReached = true;
        while (wasReached) {
            Nth nth = new Nth(number++, fault);
            proxy.faults(nth::fault);
            try {
                BaseBackup complete = backup();
                wasReached = nth.wasReached();
                assertThat(wasReached && fault instanceof Fault.Refuse)
                        .as("request %d of %s", number, complete.id())
                        .isFalse();
                // A bundle that was damaged on its way is sent again, under another name.
                assertWhole(complete);
                remove(complete);
            } catch (StoreException | BackupException e) {
                assertThat(nth.wasReached()).isTrue();
                assertThat(Backups.list(direct, cluster.layout()))
                        .extracting(BaseBackup::id)
                        .containsExactly(good.id());
            }
        }

        assertThat(number).as("requests that write").isGreaterThan(8);
    }

    private void assertWhole(BaseBackup backup) throws IOException {
        for (BackupObject object : backup.objects()) {
            String key = cluster.layout().backupFolder(backup.id()) + object.name();
            try (InputStream in = direct.get(key).orElseThrow()) {
                assertThat(Sha256.hex(in.readAllBytes())).as(key).isEqualTo(object.sha256());
            }
        }
    }

    /** The last two reach the server, but not as they were sent. */
    static Stream<Fault> harmsToUploads() {
        return Stream.of(
                new Fault.Refuse(403, "AccessDenied"), new Fault.FlipUp(100), new Fault.CutUp(1));
    }

    private void remove(BaseBackup backup) {
        direct.delete(List.of(cluster.layout().backup(backup.id())));
    }

    /** Harms one request that writes, and every repetition of it. */
    private static final class Nth {

        private final int number;
        private final Fault fault;
        private final Set<Passing> seen = new HashSet<>();
        private Optional<Passing> chosen = Optional.empty();

        Nth(int number, Fault fault) {
            this.number = number;
            this.fault = fault;
        }

        synchronized Fault fault(Passing passing) {
            boolean isWrite =
                    switch (passing.operation()) {
                        case PUT_OBJECT,
                                CREATE_MULTIPART_UPLOAD,
                                UPLOAD_PART,
                                COMPLETE_MULTIPART_UPLOAD ->
                                true;
                        case HEAD_OBJECT,
                                GET_OBJECT,
                                LIST,
                                DELETE_OBJECTS,
                                ABORT_MULTIPART_UPLOAD,
                                OTHER ->
                                false;
                    };
            if (isWrite && seen.add(passing) && seen.size() == number + 1) {
                chosen = Optional.of(passing);
            }
            return chosen.equals(Optional.of(passing)) ? fault : Fault.NONE;
        }

        synchronized boolean wasReached() {
            return chosen.isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void a_backup_and_a_restore_come_through_a_bad_day(long seed) throws Exception {
        atRandom(
                seed,
                List.of(
                        Fault.SLOW_DOWN,
                        new Fault.Refuse(500, "InternalError"),
                        new Fault.Reset(),
                        new Fault.LoseAnswer(),
                        new Fault.Truncate(100)));
        BaseBackup backup = backup();
        atRandom(seed, List.of(Fault.SLOW_DOWN, new Fault.Reset(), new Fault.Truncate(1_000_000)));
        Path directory = cluster.fresh("bad-day-" + seed);

        restore(backup, directory);

        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
        remove(backup);
    }

    /** Bundles in one piece and in parts, the manifest, and the mark. */
    @Test
    void a_backup_comes_through_a_line_that_flips_bits_of_what_is_sent() throws Exception {
        AtomicInteger uploads = new AtomicInteger();
        secure.faults(passing ->
                (passing.is(Operation.PUT_OBJECT) || passing.is(Operation.UPLOAD_PART))
                                && uploads.getAndIncrement() % 2 == 0
                        ? new Fault.FlipUp(300)
                        : Fault.NONE);
        BaseBackup backup;
        try (ObjectStore through = through(secure)) {
            backup = backup(through, 2);
        }
        secure.heal();
        Path directory = cluster.fresh("flips");

        restore(backup, directory);

        assertThat(uploads).hasValueGreaterThan(8);
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_verifybackup").toString(),
                "-n",
                directory.toString());
        remove(backup);
    }

    private void atRandom(long seed, List<Fault> kinds) {
        Random random = new Random(seed);
        proxy.faults(_ -> {
            synchronized (random) {
                return random.nextInt(5) == 0
                        ? kinds.get(random.nextInt(kinds.size()))
                        : Fault.NONE;
            }
        });
    }

    /** The last of them, too, which alone is in memory. */
    @Test
    void a_lost_answer_to_any_bundle_costs_another_try_and_no_backup() throws Exception {
        List<String> everySecond =
                IntStream.range(0, 25)
                        .mapToObj(number -> "bundle-%05d.tar.zst".formatted(2 * number))
                        .toList();
        proxy.faults(passing ->
                passing.is(Operation.PUT_OBJECT) && everySecond.stream().anyMatch(passing::isOf)
                        ? new Fault.LoseAnswer()
                        : Fault.NONE);

        BaseBackup backup = backup(1);

        assertThat(Backups.list(direct, cluster.layout()))
                .extracting(BaseBackup::id)
                .contains(backup.id());
        proxy.faults(_ -> Fault.NONE);
        remove(backup);
    }

    @Test
    void a_lost_answer_to_the_marker_is_a_backup() throws Exception {
        proxy.fail(
                1,
                passing -> passing.is(Operation.PUT_OBJECT) && passing.isOf("/backup.json"),
                new Fault.LoseAnswer());

        BaseBackup backup = backup();

        assertThat(Backups.list(direct, cluster.layout()))
                .extracting(BaseBackup::id)
                .contains(backup.id());
        remove(backup);
    }

    @Test
    void a_bit_that_is_flipped_on_the_way_is_found_and_the_object_named() throws Exception {
        String bundle =
                good.objects().stream()
                        .max(Comparator.comparingLong(BackupObject::size))
                        .orElseThrow()
                        .name();
        AtomicInteger flipped =
                proxy.fail(
                        10,
                        passing -> passing.is(Operation.GET_OBJECT) && passing.isOf(bundle),
                        new Fault.Flip(4_711));
        Path directory = cluster.fresh("flipped");

        Throwable trouble = catchThrowable(() -> restore(good, directory));

        assertThat(flipped).as("%s in %s", bundle, proxy.passed()).hasPositiveValue();
        assertThat(trouble)
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining(bundle)
                .hasMessageContaining("damaged");

        assertThat(directory.resolve("global/pg_control")).doesNotExist();
    }

    @Test
    void a_store_that_breaks_off_for_good_is_no_damage_and_leaves_nothing_that_starts() {
        proxy.faults(passing ->
                passing.is(Operation.GET_OBJECT) && passing.isOf(".tar.zst")
                        ? new Fault.Truncate(50_000)
                        : Fault.NONE);
        Path directory = cluster.fresh("broken-off");

        assertThatThrownBy(() -> restore(good, directory))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessageMatching(
                                            "cannot read object .*/bundle-[0-9]+[.]tar[.]zst: the"
                                                    + " connection to the store breaks.*");
                            assertThat(it.hint()).contains("network", "try again");
                            assertThat(it.isTransient()).isTrue();
                        });

        assertThat(directory.resolve("global/pg_control")).doesNotExist();
    }

    private BaseBackup backup() throws InterruptedException {
        return backup(2);
    }

    private BaseBackup backup(int parallel) throws InterruptedException {
        return backup(store, parallel);
    }

    private BaseBackup backup(ObjectStore into, int parallel) throws InterruptedException {
        return new BackupRun(
                        into,
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(parallel, 1, 16 << 20, Duration.ofMinutes(1)),
                        new WalSwitch(cluster.address()))
                .run("through faults", TransferProgress.SILENT);
    }

    private void restore(BaseBackup backup, Path directory) throws InterruptedException {
        Planning planning =
                new RestorePlanner(ArchiveSurvey.of(direct, cluster.layout(), Optional.empty()))
                        .plan(
                                new RestoreRequest(
                                        new RestoreTarget.Latest(),
                                        Optional.empty(),
                                        Optional.of(backup.id())));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        RestoreOptions options =
                new RestoreOptions(
                        directory, RestoreMode.Recover.DEFAULT, Map.of(), TestCluster.owner(), 4);
        new RestoreRun(store, cluster.layout(), ((Planning.Planned) planning).plan(), options)
                .run(TransferProgress.SILENT);
    }
}
