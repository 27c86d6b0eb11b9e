package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.foreign.ForeignArchive;
import io.matriarch.archiver.foreign.ForeignRepository;
import io.matriarch.archiver.foreign.ForeignRepository.Taken;
import io.matriarch.archiver.foreign.Packing;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One cluster, of which WAL-G has taken a full backup and two increments, and WAL-E a backup. What
 * is restored must give the same dump as the cluster itself gave at that moment.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignRestoreIT {

    private TestCluster cluster;
    private Restores restores;
    private Path walG;
    private Path walE;
    private Taken full;
    private Taken first;
    private Taken second;
    private String walEBackup;
    private String lastBeforeMove;
    private String atSecond;
    private String atMoment;
    private String atEnd;
    private Instant moment;

    @BeforeAll
    void a_cluster_with_a_past() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        walG = Files.createDirectory(cluster.fresh("wal-g"));
        walE = Files.createDirectory(cluster.fresh("wal-e"));
        ForeignRepository g = new ForeignRepository(cluster, walG);
        Path place = TestCluster.own(Files.createDirectory(cluster.fresh("apart")));
        cluster.sql("CREATE TABLESPACE apart LOCATION '" + place + "'");
        cluster.sql("CREATE TABLE kept (id int PRIMARY KEY, text text)");
        cluster.sql(
                "INSERT INTO kept SELECT i, repeat(i::text, 50) FROM generate_series(1, 5000) i");
        cluster.sql("CREATE TABLE shrunk AS SELECT * FROM kept");
        cluster.sql("CREATE TABLE emptied AS SELECT * FROM kept");
        cluster.sql("CREATE TABLE dropped AS SELECT * FROM kept");
        cluster.sql("CREATE TABLE elsewhere (id int, text text) TABLESPACE apart");
        cluster.sql("INSERT INTO elsewhere SELECT * FROM kept");
        full = g.walG(null, 1, Packing.LZ4, Packing.BROTLI, Packing.NONE);

        cluster.sql("DELETE FROM shrunk WHERE id > 500");
        cluster.sql("VACUUM shrunk");
        cluster.sql("UPDATE kept SET text = 'changed' WHERE id % 1000 = 0");
        cluster.sql("UPDATE elsewhere SET text = 'changed' WHERE id % 1000 = 1");
        cluster.sql("DROP TABLE dropped");
        cluster.sql("CREATE TABLE late AS SELECT * FROM kept WHERE id < 700");
        first = g.walG(full, 2, Packing.ZSTD, Packing.LZMA);

        cluster.sql("TRUNCATE emptied");
        cluster.sql("INSERT INTO emptied VALUES (1, 'anew')");
        cluster.sql("INSERT INTO shrunk SELECT * FROM kept WHERE id > 4000");
        cluster.sql("UPDATE late SET text = 'later' WHERE id % 100 = 0");
        cluster.sql("VACUUM FULL kept");
        atSecond = dump(cluster.port());
        second = g.walG(first, 2, Packing.LZOP, Packing.GZIP);

        cluster.sql("INSERT INTO kept VALUES (10001, 'after the increments')");
        walEBackup = new ForeignRepository(cluster, walE).walE();
        cluster.sql("INSERT INTO kept VALUES (10002, 'after all backups')");
        restores.archiveAll();
        lastBeforeMove = cluster.sql("SELECT last_archived_wal FROM pg_stat_archiver");
        cluster.sql("INSERT INTO kept VALUES (10003, 'before the moment')");
        // The server tells the end of a backup to the second only.
        String later = cluster.sql("SELECT clock_timestamp() + interval '2 s'");
        Awaitility.await()
                .until(() -> cluster.sql("SELECT clock_timestamp() > '" + later + "'").equals("t"));
        atMoment = dump(cluster.port());
        moment =
                Instant.parse(
                        cluster.sql(
                                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        cluster.sql("INSERT INTO kept VALUES (10004, 'after the moment')");
        cluster.sql("CREATE TABLE newest AS SELECT * FROM kept");
        restores.archiveAll();
        atEnd = dump(cluster.port());
        g.takeLog(Packing.values());
        new ForeignRepository(cluster, walE).takeLog(Packing.LZOP);
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    /** But for the random words that pg_dump puts in against being tampered with. */
    private static String dump(int port) throws Exception {
        return TestCluster.run(
                        TestCluster.PROGRAMS.resolve("pg_dump").toString(),
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--username=" + TestCluster.USER,
                        "postgres")
                .lines()
                .filter(line -> !line.matches("\\\\(un)?restrict .*"))
                .collect(Collectors.joining("\n"));
    }

    private static ObjectStore store(Path directory) {
        return ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(directory)));
    }

    private static Planning planning(ForeignArchive archive, RestoreTarget target, String backup) {
        ArchiveFacts facts = archive.facts(Optional.empty());
        return new RestorePlanner(facts)
                .plan(
                        new RestoreRequest(
                                target, Optional.empty(), Optional.of(new BackupId(backup))));
    }

    private static RestorePlan plan(ForeignArchive archive, RestoreTarget target, String backup) {
        return switch (planning(archive, target, backup)) {
            case Planning.Planned(var plan) -> plan;
            case Planning.Refused refused -> throw new AssertionError(refused.toString());
        };
    }

    private RestoreOptions into(String name, RestorePlan plan) {
        Path directory = cluster.fresh(name);
        return Restores.into(directory)
                .withTablespaces(
                        Map.of(
                                plan.backup().tablespaces().getFirst().oid(),
                                cluster.fresh(name + "-apart")));
    }

    /** Restores, starts, dumps; and has the server's own checksums of all pages compared. */
    private String restored(ForeignArchive archive, RestorePlan plan, String name)
            throws Exception {
        RestoreOptions options = into(name, plan);
        try (RestoreRun run = new RestoreRun(archive, plan, options)) {
            run.check(false);
            RestoreReport report = run.run(TransferProgress.SILENT);
            assertThat(report.files()).isGreaterThan(900);
            assertThat(report.bytes()).isGreaterThan(20_000_000);
        }
        String[] dump = new String[1];
        Restores.started(options.directory(), port -> dump[0] = dump(port));
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_checksums").toString(),
                "--check",
                "--pgdata=" + options.directory());
        return dump[0];
    }

    private ForeignArchive archive(Path root) {
        return new ForeignArchive(store(root), Optional.empty(), Optional.empty());
    }

    @Test
    void all_backups_are_told() {
        assertThat(archive(walG).facts(Optional.empty()).backups())
                .extracting(backup -> backup.id().text())
                .containsExactly(full.name(), first.name(), second.name());
        assertThat(archive(walE).facts(Optional.empty()).backups())
                .extracting(backup -> backup.id().text())
                .containsExactly(walEBackup);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void a_backup_of_wal_g_is_restored_to_a_moment(int increments) throws Exception {
        Taken taken = List.of(full, first, second).get(increments);
        ForeignArchive archive = archive(walG);

        RestorePlan plan = plan(archive, new RestoreTarget.PointInTime(moment, true), taken.name());

        assertThat(restored(archive, plan, "moment-" + increments)).isEqualTo(atMoment);
    }

    /** No replay puts pages right that the increments should have brought. */
    @Test
    void increments_alone_give_what_was_there() throws Exception {
        ForeignArchive archive = archive(walG);

        RestorePlan plan = plan(archive, new RestoreTarget.Immediate(), second.name());

        assertThat(restored(archive, plan, "immediate")).isEqualTo(atSecond);
        Path directory = cluster.fresh("immediate");
        String dropped = relationOf(full, first);
        assertThat(directory.resolve(dropped)).doesNotExist();
    }

    /** A file of a relation that was dropped between the two. */
    private static String relationOf(Taken before, Taken after) {
        return before.files().keySet().stream()
                .filter(path -> path.matches("base/[0-9]+/[0-9]+"))
                .filter(path -> !after.files().containsKey(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_backup_of_wal_e_is_restored_to_a_moment_and_has_settings() throws Exception {
        ForeignArchive archive = archive(walE);
        RestorePlan plan = plan(archive, new RestoreTarget.PointInTime(moment, true), walEBackup);
        RestoreOptions options = into("from-wal-e", plan);

        new RestoreRun(archive, plan, options).run(TransferProgress.SILENT);

        Path rules = options.directory().resolve("pg_hba.conf");
        assertThat(options.directory().resolve("postgresql.conf"))
                .content()
                .contains("Not in backup " + walEBackup);
        assertThat(rules).content().contains("scram-sha-256");
        // As whoever moves over puts his own settings there.
        Files.writeString(rules, "host all all 127.0.0.1/32 trust\n");
        String[] dump = new String[1];
        Restores.started(options.directory(), port -> dump[0] = dump(port));
        assertThat(dump[0]).isEqualTo(atMoment);
    }

    @Test
    void a_backup_is_restored_to_the_end_while_its_wal_still_comes() throws Exception {
        ForeignArchive archive = archive(walG);
        RestorePlan plan = plan(archive, new RestoreTarget.Latest(), second.name());
        RestoreOptions options = into("streamed", plan);
        String[] dump = new String[1];

        try (RestoreRun run = new RestoreRun(archive, plan, options);
                PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);
            Restores.started(options.directory(), port -> dump[0] = dump(port));
        }

        assertThat(dump[0]).isEqualTo(atEnd);
    }

    /** Before the move the old tool archived, after it we did: neither has all of it. */
    @Test
    void a_moment_after_the_move_is_reached_from_a_backup_before_it() throws Exception {
        Path old = cluster.fresh("old");
        TestCluster.run("cp", "-a", walG.toString(), old.toString());
        Path ours = Files.createDirectory(cluster.fresh("ours"));
        try (Stream<Path> log = Files.list(old.resolve("wal_005"))) {
            for (Path file : log.toList()) {
                if (file.getFileName().toString().substring(0, 24).compareTo(lastBeforeMove) > 0) {
                    Files.delete(file);
                }
            }
        }
        for (var object : cluster.store().list(cluster.layout().walFolder())) {
            String name = object.key().substring(object.key().lastIndexOf('/') + 1);
            if (name.compareTo(lastBeforeMove + ".zst") > 0) {
                Path copy = ours.resolve(object.key());
                Files.createDirectories(copy.getParent());
                Files.copy(cluster.object(object.key()), copy);
            }
        }
        assertThat(
                        planning(
                                archive(old),
                                new RestoreTarget.PointInTime(moment, true),
                                second.name()))
                .isInstanceOfSatisfying(
                        Planning.Planned.class,
                        it ->
                                assertThat(it.plan().wal().getLast().name())
                                        .isEqualTo(lastBeforeMove));
        ForeignArchive both =
                new ForeignArchive(
                        store(old),
                        Optional.empty(),
                        Optional.of(new RepositorySource(store(ours), cluster.layout())));

        RestorePlan plan = plan(both, new RestoreTarget.PointInTime(moment, true), second.name());

        assertThat(restored(both, plan, "moved")).isEqualTo(atMoment);
    }

    @Test
    void a_killed_restore_is_begun_anew_and_ends_the_same() throws Exception {
        ForeignArchive archive = archive(walG);
        RestorePlan plan = plan(archive, new RestoreTarget.Latest(), second.name());
        RestoreOptions options = into("begun", plan);
        Path lost = walG.resolve("basebackups_005/" + second.name() + "/tar_partitions");
        Path part = lost.resolve("part_002.tar.gz");
        byte[] whole = Files.readAllBytes(part);
        Files.write(part, Arrays.copyOf(whole, whole.length / 2));
        try {
            assertThatThrownBy(() ->
                            new RestoreRun(archive, plan, options).run(TransferProgress.SILENT))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("part_002.tar.gz: damaged");
            assertThat(options.directory().resolve("global/pg_control")).doesNotExist();
        } finally {
            Files.write(part, whole);
        }

        new RestoreRun(archive, plan, options).run(TransferProgress.SILENT);

        String[] dump = new String[1];
        Restores.started(options.directory(), port -> dump[0] = dump(port));
        assertThat(dump[0]).isEqualTo(atEnd);
    }

    @Test
    void a_directory_is_not_gone_over() {
        ForeignArchive archive = archive(walG);
        RestorePlan plan = plan(archive, new RestoreTarget.Latest(), second.name());

        assertThatThrownBy(() ->
                        new RestoreRun(
                                        archive,
                                        plan,
                                        Restores.into(cluster.fresh("over")).asDelta())
                                .check(false))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("--delta: WAL-E and WAL-G keep no checksum");
    }

    private void assertRefused(Path root, String backup, String... words) throws IOException {
        try {
            ForeignArchive archive = archive(root);
            switch (planning(archive, new RestoreTarget.Latest(), backup)) {
                case Planning.Refused refused -> assertThat(refused.reason()).contains(words);
                case Planning.Planned(var plan) ->
                        assertThatThrownBy(() ->
                                        new RestoreRun(archive, plan, into("refused", plan))
                                                .check(false))
                                .isInstanceOf(RestoreException.class)
                                .satisfies(it -> assertThat(it.getMessage()).contains(words));
            }
        } catch (RestoreException e) {
            assertThat(e.getMessage()).contains(words);
        }
        assertThat(cluster.fresh("refused")).doesNotExist();
    }

    private Path copy(Path root, String name) throws Exception {
        Path copy = cluster.fresh(name);
        TestCluster.run("cp", "-a", root.toString(), copy.toString());
        return copy;
    }

    @Test
    void what_a_listing_shows_to_be_missing_is_refused_before_anything_is_written()
            throws Exception {
        Path one = copy(walG, "without-a-part");
        Files.delete(
                one.resolve("basebackups_005/" + full.name() + "/tar_partitions/part_002.tar.br"));
        assertRefused(one, second.name(), full.name(), "part_002.tar is missing");

        Path two = copy(walG, "without-control");
        Files.delete(
                two.resolve(
                        "basebackups_005/" + first.name() + "/tar_partitions/pg_control.tar.zst"));
        assertRefused(two, first.name(), "pg_control.tar is missing");

        Path three = copy(walG, "without-a-parent");
        Files.delete(
                three.resolve("basebackups_005/" + first.name() + "_backup_stop_sentinel.json"));
        assertRefused(
                three,
                second.name(),
                "is an increment of " + first.name() + ", which is not there");

        Path four = copy(walE, "with-a-gap");
        Files.delete(
                four.resolve(
                        "basebackups_005/" + walEBackup + "/tar_partitions/part_00000000.tar.lzo"));
        assertRefused(four, walEBackup, "number 0 is missing");

        Path five = copy(walG, "without-files");
        Files.delete(five.resolve("basebackups_005/" + second.name() + "/files_metadata.json"));
        assertRefused(five, second.name(), "files_metadata.json: missing");
    }

    /** Another full backup under the parent's name would give a mixture. */
    @Test
    void a_stale_parent_is_refused() throws Exception {
        Path root = copy(walG, "stale");
        Path sentinel =
                root.resolve("basebackups_005/" + full.name() + "_backup_stop_sentinel.json");
        Files.writeString(
                sentinel,
                Files.readString(sentinel)
                        .replace(
                                "\"LSN\": " + full.start().value() + ",",
                                "\"LSN\": " + (full.start().value() + 8) + ","));

        assertRefused(root, second.name(), "is an increment of " + full.name() + " as of");
    }

    @Test
    void what_is_encrypted_is_said_to_be() throws Exception {
        Path root = copy(walG, "encrypted");
        try (Stream<Path> log = Files.list(root.resolve("wal_005"))) {
            for (Path file : log.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[0] = (byte) 0xC1;
                Files.write(file, bytes);
            }
        }

        assertRefused(root, second.name(), "is encrypted with OpenPGP (expected: no encryption)");
    }

    @Test
    void where_there_is_nothing_it_is_said_what_should_be() throws Exception {
        assertRefused(
                Files.createDirectory(cluster.fresh("empty")),
                full.name(),
                "no backup of WAL-E or WAL-G");
    }
}
