package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.BrokenListing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.host.OwnLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a restore refuses before it writes anything, beside the living cluster. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreChecksIT {

    private static final String ROWS =
            "SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM ten)";

    private TestCluster cluster;
    private Restores restores;
    private BaseBackup backup;
    private RestorePlan plan;
    private long one;
    private long ten;

    @BeforeAll
    void a_cluster_with_tablespaces_of_like_names() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        one = tablespace("one", "space1", 100);
        ten = tablespace("ten", "space10", 1000);
        backup = restores.backup("good");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    private long tablespace(String name, String folder, int rows) throws Exception {
        Path place = TestCluster.own(Files.createDirectory(cluster.fresh(folder)));
        cluster.sql("CREATE TABLESPACE in_" + name + " LOCATION '" + place + "'");
        cluster.sql(
                "CREATE TABLE "
                        + name
                        + " TABLESPACE in_"
                        + name
                        + " AS SELECT g FROM generate_series(1, "
                        + rows
                        + ") g");
        return Long.parseLong(
                cluster.sql("SELECT oid FROM pg_tablespace WHERE spcname = 'in_" + name + "'"));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void tablespaces_go_where_they_are_mapped_and_the_living_server_keeps_its_own()
            throws Exception {
        Path directory = cluster.fresh("mapped");
        assertThat(backup.tablespaces())
                .extracting(Tablespace::location)
                .containsExactlyInAnyOrder(
                        cluster.fresh("space1").toString(), cluster.fresh("space10").toString());

        // Of the first the name is the beginning of the second's.
        restores.restore(
                plan, mapped(directory, cluster.fresh("moved1"), cluster.fresh("moved10")));

        Restores.verify(directory);
        Restores.started(
                directory,
                port -> {
                    assertThat(TestCluster.sql(port, ROWS)).isEqualTo("100|1000");
                    TestCluster.sql(port, "TRUNCATE one, ten");
                    assertThat(TestCluster.sql(port, ROWS)).isEqualTo("0|0");
                });
        assertThat(cluster.sql(ROWS)).isEqualTo("100|1000");
        assertThat(cluster.fresh("moved1")).isNotEmptyDirectory();
        assertThat(cluster.fresh("moved10")).isNotEmptyDirectory();
    }

    @Test
    void a_second_restore_into_the_same_directory_is_refused_while_the_first_one_runs()
            throws Exception {
        Path directory = cluster.fresh("twice");
        RestoreOptions options =
                mapped(directory, cluster.fresh("twice1"), cluster.fresh("twice10"));
        Path lock = directory.resolveSibling(".twice.restoring");

        try (OwnLock _ = OwnLock.tryTake(lock).orElseThrow()) {
            assertThatThrownBy(() -> restores.restore(plan, options))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("being restored into by another process");
            assertThat(directory).doesNotExist();
        }
        restores.restore(plan, options);

        Restores.verify(directory);
    }

    @Test
    void a_link_to_the_directory_is_no_way_around_the_first_restore() throws Exception {
        Path directory = Files.createDirectory(cluster.fresh("one-place"));
        Path link = Files.createSymbolicLink(cluster.fresh("another-name"), directory);
        RestoreOptions options = mapped(link, cluster.fresh("p1"), cluster.fresh("p10"));

        try (OwnLock _ =
                OwnLock.tryTake(directory.resolveSibling(".one-place.restoring")).orElseThrow()) {
            assertThatThrownBy(() -> restores.restore(plan, options))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("being restored into by another process");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_link_that_leads_nowhere_is_no_target() throws Exception {
        Path link = Files.createSymbolicLink(cluster.fresh("astray"), cluster.fresh("nowhere"));

        assertThatThrownBy(() -> restores.restore(plan, Restores.into(link)))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining(link + " is a symbolic link to what does not exist");
        assertThat(cluster.fresh("nowhere")).doesNotExist();
    }

    @Test
    void a_target_among_the_files_of_a_living_server_is_refused() throws Exception {
        Path link = Files.createSymbolicLink(cluster.fresh("way-in"), cluster.data());

        for (Path around :
                List.of(
                        cluster.data(),
                        cluster.data().resolve("base"),
                        link,
                        cluster.fresh("space1"))) {
            Path target = around.resolve("rescued");
            assertThatThrownBy(() ->
                            restores.restore(
                                    plan,
                                    mapped(target, cluster.fresh("r1"), cluster.fresh("r10"))))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining("within the data of " + cluster.data());
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void the_places_of_a_living_server_are_refused() throws Exception {
        Path directory = cluster.fresh("unmapped");

        assertRefused(Restores.into(directory), "belongs to the server that runs on");
        assertThat(directory).doesNotExist();
        assertThat(cluster.sql(ROWS)).isEqualTo("100|1000");
    }

    @Test
    void a_way_around_by_a_link_into_a_living_servers_tablespace_is_refused() throws Exception {
        Path link = Files.createSymbolicLink(cluster.fresh("alias"), cluster.fresh("space1"));

        assertRefused(
                mapped(cluster.fresh("linked"), link.resolve("within"), cluster.fresh("free")),
                "belongs to the server that runs on");
    }

    @Test
    void a_place_that_is_not_empty_is_refused_and_not_touched() throws Exception {
        Path taken = Files.createDirectory(cluster.fresh("taken"));
        Path file = Files.writeString(taken.resolve("diary"), "dear diary");

        assertRefused(
                mapped(cluster.fresh("beside-taken"), taken, cluster.fresh("free")),
                "is not empty");
        assertThat(file).hasContent("dear diary");
    }

    @Test
    void replay_is_not_led_into_a_tablespace_that_was_made_after_the_backup() throws Exception {
        Path place = TestCluster.own(Files.createDirectory(cluster.fresh("late")));
        cluster.sql("CREATE TABLESPACE late LOCATION '" + place + "'");
        restores.backup("late");
        restores.archiveAll();
        RestorePlan early =
                restores.plan(
                        new RestoreRequest(
                                new RestoreTarget.Latest(),
                                Optional.empty(),
                                Optional.of(backup.id())));
        RestoreOptions options =
                mapped(cluster.fresh("early"), cluster.fresh("e1"), cluster.fresh("e10"));

        assertThatThrownBy(() -> restores.restore(early, options))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining(place + " belongs to the server that runs on")
                .hasMessageContaining("the tablespace late there");

        cluster.sql("DROP TABLESPACE late");
        restores.backup("without");
        restores.archiveAll();
    }

    @Test
    void a_place_in_a_data_directory_is_refused() {
        Path directory = cluster.fresh("around");

        assertRefused(
                mapped(directory, directory.resolve("pg_tblspc/1"), cluster.fresh("free")),
                "within a data directory");
        assertRefused(
                mapped(directory, cluster.data().resolve("new"), cluster.fresh("free")),
                "within a data directory");
        assertRefused(
                mapped(directory, cluster.fresh("."), cluster.fresh("free")),
                "belongs to the server that runs on");
    }

    @Test
    void two_tablespaces_in_one_place_are_refused() {
        Path place = cluster.fresh("shared");

        assertRefused(mapped(cluster.fresh("x"), place, place), "at or within another one");
        assertRefused(
                mapped(cluster.fresh("x"), place, place.resolve("below")),
                "at or within another one");
    }

    @Test
    void too_little_room_is_refused_with_what_is_needed_unless_it_is_said_to_be_enough()
            throws Exception {
        long disk = Files.getFileStore(cluster.folder()).getTotalSpace();
        RestorePlan large =
                new RestorePlan(
                        plan.target(),
                        plan.backup(),
                        List.of(),
                        plan.timeline(),
                        Stream.iterate(plan.wal().getLast(), WalSegment::next)
                                .limit((disk >> 20) + 1)
                                .toList(),
                        plan.end(),
                        plan.madeByReplay(),
                        plan.histories(),
                        plan.notes());
        RestoreOptions options =
                mapped(cluster.fresh("large"), cluster.fresh("l1"), cluster.fresh("l10"));

        assertThatThrownBy(() -> run(cluster.store(), large, options).check(false))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("room for " + cluster.fresh("large"))
                .hasMessageMatching(".* bytes \\(expected: at least [0-9]{4,}\\)");
        run(cluster.store(), large, options.withoutRoomCheck()).check(false);
        // Replay needs only the beginning of it at once.
        run(cluster.store(), large, options).check(true);
        assertThat(cluster.fresh("large")).doesNotExist();
    }

    @Test
    void a_restore_that_broke_off_goes_on_though_a_newer_backup_has_come() throws Exception {
        RestoreRequest latest = RestoreRequest.of(new RestoreTarget.Latest());
        Path directory = cluster.fresh("broken-off");
        RestoreOptions options = mapped(directory, cluster.fresh("b1"), cluster.fresh("b10"));
        breakOff(options);
        BaseBackup newer = restores.backup("newer");
        restores.archiveAll();
        assertThat(restores.plan(latest).backup()).isEqualTo(newer);

        RestorePlan again = restores.plan(latest, directory);
        restores.restore(again, options);

        assertThat(again.backup()).isEqualTo(backup);
        assertThat(again.wal().size()).isGreaterThan(plan.wal().size());
        Restores.verify(directory);
    }

    @Test
    void a_restore_that_broke_off_may_be_led_to_another_target() throws Exception {
        RestoreRequest immediate = RestoreRequest.of(new RestoreTarget.Immediate());
        Path directory = cluster.fresh("redirected");
        RestoreOptions options = mapped(directory, cluster.fresh("r1"), cluster.fresh("r10"));
        breakOff(options);

        restores.restore(restores.plan(immediate, directory), options);

        Restores.verify(directory);
        Restores.started(directory, port -> assertThat(TestCluster.sql(port, ROWS)).isNotBlank());
    }

    @Test
    void a_restore_that_was_ended_before_its_note_begins_anew() throws Exception {
        Path directory = cluster.fresh("noteless");
        Path begun = directory.resolve("pg_wal/matriarch/.matriarch-restore.json.tmp");
        Files.createDirectories(begun.getParent());
        Files.writeString(begun, "{");

        restores.restore(plan, mapped(directory, cluster.fresh("n1"), cluster.fresh("n10")));

        Restores.verify(directory);
        assertThat(begun).doesNotExist();
    }

    @Test
    void something_of_another_is_no_restore_that_was_ended() throws Exception {
        Path directory = cluster.fresh("of-another");
        Files.createDirectories(directory.resolve("pg_wal/matriarch"));
        Files.createFile(directory.resolve("pg_wal/000000010000000000000001"));

        assertThatThrownBy(() ->
                        restores.restore(
                                plan, mapped(directory, cluster.fresh("a1"), cluster.fresh("a10"))))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("is not empty");
    }

    @Test
    void whoever_the_directory_is_for_may_restore_into_it_later() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "not the superuser");
        Path directory = cluster.fresh("handed");
        restores.restore(plan, mapped(directory, cluster.fresh("h1"), cluster.fresh("h10")));

        Path lock = directory.resolveSibling(".handed.restoring");

        assertThat(Files.getOwner(lock)).isEqualTo(Files.getOwner(directory));
    }

    @Test
    void the_server_may_pass_through_what_is_made_above_a_tablespace() throws Exception {
        Path directory = cluster.fresh("above");
        Path above = cluster.fresh("not/yet/there");

        restores.restore(plan, mapped(directory, above, cluster.fresh("not/p10")));

        assertThat(Files.getPosixFilePermissions(above.getParent()))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(Files.getOwner(above.getParent())).isEqualTo(Files.getOwner(directory));
    }

    @Test
    void what_another_restore_has_left_is_told_in_words() throws Exception {
        Path directory = cluster.fresh("others");
        restores.restore(plan, mapped(directory, cluster.fresh("o1"), cluster.fresh("o10")));
        restores.backup("other");
        restores.archiveAll();
        RestorePlan other = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));

        assertThatThrownBy(() ->
                        restores.restore(
                                other,
                                mapped(directory, cluster.fresh("o1"), cluster.fresh("o10"))))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("holds a restore of backup " + backup.id())
                .hasMessageContaining("backup " + other.backup().id() + " instead of")
                .hasMessageNotContaining("{");
    }

    /** Its files are in place when its last WAL does not come. */
    private void breakOff(RestoreOptions options) {
        String last = plan.wal().getLast().name();
        ObjectStore failing = new WatchedStore(cluster.store(), call -> call.contains(last));
        assertThatThrownBy(() -> restores.restore(failing, plan, options))
                .hasMessageContaining("broken off");
    }

    /** As a directory of another user is, for anybody but root. */
    @Test
    void a_target_that_cannot_be_listed_is_refused_in_words() throws Exception {
        try (BrokenListing listing = new BrokenListing()) {
            listing.breakOff();
            Path directory =
                    Files.createSymbolicLink(cluster.fresh("unlisted"), listing.directory());
            RestoreOptions options = mapped(directory, cluster.fresh("u1"), cluster.fresh("u10"));

            assertThatThrownBy(() -> run(cluster.store(), plan, options).check(false))
                    .isInstanceOf(RestoreException.class)
                    .hasMessageContaining(directory + " cannot be looked at")
                    .hasMessageContaining("Invalid argument");
        }
    }

    @Test
    void what_must_be_thawed_is_named_with_its_size_before_anything_is_written() {
        String bundle = cluster.layout().bundle(backup.id(), 0);
        String segment = cluster.layout().segment(plan.wal().getFirst());
        ObjectStore cold = new ColdStore(cluster.store(), Set.of(bundle, segment));
        Path directory = cluster.fresh("cold");
        RestoreOptions options = mapped(directory, cluster.fresh("c1"), cluster.fresh("c10"));
        long bytes =
                cluster.store().head(bundle).orElseThrow().size()
                        + cluster.store().head(segment).orElseThrow().size();

        assertThatThrownBy(() -> run(cold, plan, options).check(false))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("2 objects, " + bytes + " bytes")
                .hasMessageContaining(bundle + " (DEEP_ARCHIVE)")
                .hasMessageContaining(segment + " (DEEP_ARCHIVE)");
        assertThat(directory).doesNotExist();
    }

    @Test
    void cold_objects_that_the_plan_does_not_need_are_no_matter() {
        String other = cluster.layout().history(plan.timeline());
        ObjectStore cold = new ColdStore(cluster.store(), Set.of(other));

        run(cold, plan, mapped(cluster.fresh("w"), cluster.fresh("w1"), cluster.fresh("w10")))
                .check(false);
    }

    @Test
    void what_was_checked_is_not_read_again() throws Exception {
        String manifest = cluster.layout().manifest(backup.id());
        List<String> calls = new CopyOnWriteArrayList<>();
        ObjectStore watched =
                new WatchedStore(
                        cluster.store(),
                        call -> {
                            calls.add(call);
                            return false;
                        });
        Path directory = cluster.fresh("checked");

        try (RestoreRun run =
                run(watched, plan, mapped(directory, cluster.fresh("c1"), cluster.fresh("c10")))) {
            run.check(false);
            run.run(TransferProgress.SILENT);
        }

        Restores.verify(directory);
        assertThat(calls).containsOnlyOnce("get " + manifest);
    }

    private RestoreRun run(ObjectStore store, RestorePlan wanted, RestoreOptions options) {
        return new RestoreRun(store, cluster.layout(), wanted, options);
    }

    private RestoreOptions mapped(Path directory, Path first, Path second) {
        return Restores.into(directory).withTablespaces(Map.of(one, first, ten, second));
    }

    private void assertRefused(RestoreOptions options, String why) {
        assertThatThrownBy(() -> restores.restore(plan, options))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("tablespace directory")
                .hasMessageContaining(why);
    }
}
