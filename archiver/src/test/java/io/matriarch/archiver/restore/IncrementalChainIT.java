package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupTotals;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.DescriptionSum;
import io.matriarch.archiver.catalogue.IncrementBase;
import io.matriarch.archiver.increment.BackupType;
import io.matriarch.archiver.increment.IncrementPolicy;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.postgres.sql.WalSwitch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A full backup and five incremental ones, with all between them that changes files otherwise than
 * page by page. What is restored is compared with the server that it was taken from.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IncrementalChainIT {

    private static final int ROWS = 100_000;

    private TestCluster cluster;
    private Restores restores;
    private final List<BaseBackup> chain = new ArrayList<>();
    private String dump;

    @BeforeAll
    void a_chain_of_five() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        for (String name : List.of("one", "two")) {
            Path space = TestCluster.own(Files.createDirectory(cluster.fresh(name)));
            cluster.sql("CREATE TABLESPACE " + name + " LOCATION '" + space + "'");
        }
        cluster.sql("CREATE EXTENSION amcheck");
        for (String table : List.of("big", "vacuumed", "truncated", "shrunk", "dropped", "moved")) {
            cluster.sql(
                    "CREATE TABLE %s (id int PRIMARY KEY, word text)".formatted(table)
                            + "; INSERT INTO %s SELECT g, md5(g::text) FROM generate_series(1, %d) g"
                                    .formatted(table, ROWS));
        }
        cluster.sql("VACUUM FREEZE big");
        chain.add(backup());
        cluster.sql("UPDATE big SET word = 'first' WHERE id % 1000 = 0");
        cluster.sql("DELETE FROM vacuumed WHERE id % 3 = 0");
        cluster.sql("VACUUM vacuumed");
        chain.add(backup());
        cluster.sql("TRUNCATE truncated; INSERT INTO truncated VALUES (1, 'again')");
        cluster.sql("DELETE FROM shrunk WHERE id > 10000");
        cluster.sql("VACUUM shrunk");
        chain.add(backup());
        cluster.sql("DROP TABLE dropped");
        cluster.sql("CREATE TABLE dropped AS SELECT g AS id FROM generate_series(1, 500) g");
        cluster.sql("ALTER TABLE moved SET TABLESPACE one");
        cluster.sql("INSERT INTO shrunk SELECT g, 'grown' FROM generate_series(10001, 60000) g");
        chain.add(backup());
        cluster.sql("ALTER TABLE moved SET TABLESPACE two");
        cluster.sql("UPDATE moved SET word = 'moved' WHERE id < 50");
        cluster.sql("VACUUM FULL vacuumed");
        cluster.sql("CREATE DATABASE copied STRATEGY file_copy");
        chain.add(backup());
        cluster.sql("UPDATE big SET word = 'last' WHERE id % 777 = 0");
        cluster.sql("DELETE FROM vacuumed WHERE id % 5 = 0");
        cluster.sql("VACUUM");
        cluster.sql("REINDEX TABLE big");
        chain.add(backup());
        cluster.sql("INSERT INTO big VALUES (0, 'after the last backup')");
        dump = dump(cluster.port());
        restores.archiveAll();
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    private BaseBackup backup() throws InterruptedException {
        return backup(new IncrementPolicy(BackupType.INCREMENTAL, Duration.ofDays(7)));
    }

    private BaseBackup backup(IncrementPolicy policy) throws InterruptedException {
        return new BackupRun(
                        cluster.store(),
                        cluster.layout(),
                        new BackupSource(cluster.address(), cluster.data(), "node1", 7),
                        new BackupSettings(2, 1, 1 << 20, Duration.ofMinutes(1))
                                .withIncrements(policy),
                        new WalSwitch(cluster.address()))
                .run("chain", TransferProgress.SILENT);
    }

    private static String dump(int port) throws Exception {
        String all =
                TestCluster.run(
                        TestCluster.PROGRAMS.resolve("pg_dumpall").toString(),
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--username=" + TestCluster.USER);
        return all.lines()
                // Drawn anew by each dump, and where a restore has put them.
                .filter(line -> !line.matches("\\\\(un)?restrict .*|CREATE TABLESPACE .*"))
                .collect(Collectors.joining("\n"));
    }

    private static void amcheck(int port) throws Exception {
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_amcheck").toString(),
                "--host=127.0.0.1",
                "--port=" + port,
                "--username=" + TestCluster.USER,
                "--heapallindexed",
                "postgres");
    }

    @Test
    @Order(1)
    void each_is_based_on_the_one_before_and_much_smaller_than_a_full_one() {
        assertThat(chain.getFirst().isIncremental()).isFalse();
        for (int i = 1; i < chain.size(); i++) {
            assertThat(chain.get(i).wal().base().orElseThrow().backup())
                    .isEqualTo(chain.get(i - 1).id());
        }
        assertThat(chain)
                .extracting(BaseBackup::totals)
                .extracting(BackupTotals::bytes)
                .satisfies(bytes -> assertThat(bytes.get(1)).isLessThan(bytes.getFirst() / 2));
    }

    @Test
    @Order(2)
    void a_chain_is_restored_to_what_the_server_has() throws Exception {
        Path directory = cluster.fresh("restored");

        RestoreReport report =
                restores.restore(
                        restores.plan(RestoreRequest.of(new RestoreTarget.Latest())),
                        options(directory));

        assertThat(report.plan().backup()).isEqualTo(chain.getLast());
        assertThat(report.plan().ancestors()).hasSize(5);
        Restores.verify(directory);
        Restores.started(
                directory,
                port -> {
                    assertThat(dump(port)).isEqualTo(dump);
                    amcheck(port);
                });
    }

    private RestoreOptions options(Path directory) {
        Path spaces = directory.resolveSibling(directory.getFileName() + "-spaces");
        Map<Long, Path> places = new TreeMap<>();
        chain.getLast()
                .tablespaces()
                .forEach(it -> places.put(it.oid(), spaces.resolve(it.name())));
        return Restores.into(directory).withTablespaces(places);
    }

    @Test
    @Order(3)
    void each_of_the_chain_can_be_restored_by_itself() throws Exception {
        for (BaseBackup backup : chain) {
            Path directory = cluster.fresh("alone-" + chain.indexOf(backup));
            restores.restore(
                    restores.plan(
                            new RestoreRequest(
                                    new RestoreTarget.Immediate(),
                                    Optional.empty(),
                                    Optional.of(backup.id()))),
                    options(directory));
            Restores.verify(directory);
            Restores.started(
                    directory,
                    port ->
                            assertThat(TestCluster.sql(port, "SELECT count(*) FROM big"))
                                    .isEqualTo(String.valueOf(ROWS)));
        }
    }

    @Test
    @Order(4)
    void over_what_is_there_too() throws Exception {
        Path directory = cluster.fresh("restored");

        restores.restore(
                restores.plan(RestoreRequest.of(new RestoreTarget.Latest())),
                options(directory).asDelta());

        Restores.verify(directory);
        Restores.started(directory, port -> assertThat(dump(port)).isEqualTo(dump));
    }

    /** Every byte is as in our own restore, whose list of files the result is held against. */
    @Test
    @Order(4)
    void by_hand_a_chain_is_put_together_to_the_same_files() throws Exception {
        Path ours = cluster.fresh("ours");
        restores.restore(
                restores.plan(RestoreRequest.of(new RestoreTarget.Immediate())), options(ours));

        Path byHand = new ChainByHand(cluster).of(chain);

        Files.copy(ours.resolve("backup_manifest"), byHand.resolve("backup_manifest"));
        TestCluster.own(byHand.resolve("backup_manifest"));
        Restores.verify(byHand);
    }

    @Test
    @Order(5)
    void a_flipped_bit_in_an_ancestor_is_found_by_the_restore() throws Exception {
        Path bundle = someBundle(chain.get(2));
        byte[] before = Files.readAllBytes(bundle);
        byte[] flipped = before.clone();
        flipped[flipped.length / 2] ^= 1;
        Files.write(bundle, flipped);
        try {
            assertThatThrownBy(() ->
                            restores.restore(
                                    restores.plan(RestoreRequest.of(new RestoreTarget.Latest())),
                                    options(cluster.fresh("flipped"))))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(bundle.getFileName().toString());
            assertThat(restores.verified(Sample.ALL).damaged())
                    .extracting(Damage::key)
                    .contains(
                            cluster.layout().backupFolder(chain.get(2).id())
                                    + bundle.getFileName());
            restores.assertDrillBlames(bundle.getFileName().toString());
        } finally {
            Files.write(bundle, before);
        }
    }

    private Path someBundle(BaseBackup backup) {
        String folder = cluster.layout().backupFolder(backup.id());
        return cluster.store().list(folder + "bundle-").stream()
                .max(Comparator.comparingLong(ListedObject::size))
                .map(it -> cluster.object(it.key()))
                .orElseThrow();
    }

    @Test
    @Order(6)
    void a_lost_increment_is_named_before_anything_is_written() throws Exception {
        Path description = cluster.object(cluster.layout().backup(chain.get(3).id()));
        Path aside = description.resolveSibling("aside");
        Files.move(description, aside);
        try {
            assertBrokenAt(chain.get(3), "missing");
        } finally {
            Files.move(aside, description);
        }
    }

    /** Somebody has put another backup where the parent was. */
    @Test
    @Order(7)
    void a_stale_parent_is_named_before_anything_is_written() throws Exception {
        BaseBackup parent = chain.get(2);
        Path description = cluster.object(cluster.layout().backup(parent.id()));
        Path sum = cluster.object(cluster.layout().backupSum(parent.id()));
        byte[] before = Files.readAllBytes(description);
        byte[] sumBefore = Files.readAllBytes(sum);
        String manifest = IncrementBase.of(parent).manifest();
        byte[] stale =
                new String(before, StandardCharsets.UTF_8)
                        .replace(manifest, "0".repeat(manifest.length()))
                        .getBytes(StandardCharsets.UTF_8);
        Files.write(description, stale);
        Files.write(sum, DescriptionSum.of(stale));
        try {
            assertBrokenAt(parent, "another backup now");
        } finally {
            Files.write(description, before);
            Files.write(sum, sumBefore);
        }
    }

    private void assertBrokenAt(BaseBackup backup, String how) throws Exception {
        Planning planning =
                restores.planning(
                        new RestoreRequest(
                                new RestoreTarget.Latest(),
                                Optional.empty(),
                                Optional.of(chain.getLast().id())));
        assertThat(planning)
                .isInstanceOfSatisfying(
                        Planning.Refused.class,
                        it -> assertThat(it.reason()).contains(backup.id().toString(), how));
        assertThat(restores.verified(Sample.parse("1%")).damaged())
                .anySatisfy(it ->
                        assertThat(it)
                                .returns(cluster.layout().backup(chain.getLast().id()), Damage::key)
                                .asString()
                                .contains(backup.id().toString(), how));
        restores.assertDrillBlames(backup.id().toString());
    }

    @Test
    @Order(8)
    void after_a_change_of_timeline_a_full_one_is_taken() throws Exception {
        cluster.stopServer("fast");
        Files.createFile(cluster.data().resolve("standby.signal"));
        cluster.startServer();
        cluster.sql("SELECT pg_promote()");

        BaseBackup full = backup();
        cluster.sql("CHECKPOINT");
        BaseBackup next = backup();

        assertThat(full.wal().timeline().value()).isEqualTo(2);
        assertThat(full.isIncremental()).isFalse();
        assertThat(next.wal().base().orElseThrow().backup()).isEqualTo(full.id());
    }
}
