package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.fetch.FetchOutcome;
import io.matriarch.archiver.fetch.LastTransaction;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.wal.SegmentPages;
import io.matriarch.postgres.wal.TransactionEnds;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One transaction after another, each a row; a backup behind the first. Each target has to bring
 * back exactly the rows up to it. The exact places are those that PostgreSQL's own pg_waldump
 * tells.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreTargetsIT {

    private static final String ROWS = "SELECT string_agg(name, ' ' ORDER BY id) FROM deeds";

    private static final Pattern COMMIT =
            Pattern.compile("lsn: ([0-9A-F/]+), .*desc: COMMIT (\\S+ \\S+) UTC");

    private static final Pattern END =
            Pattern.compile(
                    "lsn: ([0-9A-F/]+), .*desc: ((?:COMMIT|ABORT)(?:_PREPARED)?) (?:gid \\S+ )?"
                            + "([0-9-]+ [0-9:.]+) UTC");

    /** The record that makes a transaction true. */
    private record Commit(long xid, Lsn lsn, Instant time) {}

    private TestCluster cluster;
    private Restores restores;
    private Commit two;

    @BeforeAll
    void a_cluster_with_a_past() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE deeds (id serial, name text)");
        deed("zero");
        restores.backup("of zero");
        deed("one");
        long xid =
                Long.parseLong(
                        cluster.sql(
                                "INSERT INTO deeds (name) VALUES ('two') RETURNING pg_current_xact_id()"));
        two = commit(xid);
        cluster.sql("SELECT pg_create_restore_point('after two')");
        deed("three");
        busy();
        restores.archiveAll();
        fork();
    }

    /** Transactions of many sizes, some rolled back, so that records lie across pages' ends. */
    private void busy() throws Exception {
        cluster.sql("CREATE TABLE noise (id int, text text)");
        cluster.sql(
                """
                DO $$ BEGIN
                    FOR i IN 1..400 LOOP
                        INSERT INTO noise VALUES (i, repeat('x', i * 17 % 3000));
                        IF i % 7 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
                    END LOOP;
                END $$\
                """);
        cluster.sql(
                "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE noise_%s (id int"
                        + " PRIMARY KEY)', i); END LOOP; END $$");
        cluster.sql("DROP TABLE noise");
    }

    /**
     * The cluster goes on along timeline 2; a copy of it, of which nobody knows, along timeline 1.
     */
    private void fork() throws Exception {
        cluster.stopServer("fast");
        Path copy = cluster.fresh("fork");
        TestCluster.run("cp", "-a", cluster.data().toString(), copy.toString());
        TestCluster.own(Files.createFile(cluster.data().resolve("standby.signal")));
        cluster.startServer();
        cluster.sql("SELECT pg_promote()");
        deed("along-two");
        restores.archiveAll();

        int port = FreePort.draw();
        TestCluster.run(
                TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                "start",
                "--wait",
                "--pgdata=" + copy,
                "--log=" + copy + ".log",
                "--options=-p " + port);
        try {
            TestCluster.sql(port, "INSERT INTO deeds (name) VALUES ('along-one')");
            String last = TestCluster.sql(port, "SELECT pg_walfile_name(pg_switch_wal())");
            Awaitility.await()
                    .until(() ->
                            TestCluster.sql(port, "SELECT last_archived_wal FROM pg_stat_archiver")
                                    .equals(last));
        } finally {
            TestCluster.run(
                    TestCluster.PROGRAMS.resolve("pg_ctl").toString(), "stop", "--pgdata=" + copy);
        }
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_time_inclusive_has_the_transaction_of_that_very_time() throws Exception {
        assertRows(new RestoreTarget.PointInTime(two.time(), true), "zero one two");
    }

    @Test
    void a_time_exclusive_stops_before_the_transaction_of_that_very_time() throws Exception {
        assertRows(new RestoreTarget.PointInTime(two.time(), false), "zero one");
    }

    @Test
    void a_position_inclusive_has_the_transaction_whose_commit_lies_there() throws Exception {
        assertRows(new RestoreTarget.AtLsn(two.lsn(), true), "zero one two");
    }

    @Test
    void a_position_exclusive_stops_before_the_commit_that_lies_there() throws Exception {
        assertRows(new RestoreTarget.AtLsn(two.lsn(), false), "zero one");
    }

    @Test
    void a_transaction_inclusive_is_there() throws Exception {
        assertRows(new RestoreTarget.Xid(two.xid(), true), "zero one two");
    }

    @Test
    void a_transaction_exclusive_is_not_there() throws Exception {
        assertRows(new RestoreTarget.Xid(two.xid(), false), "zero one");
    }

    @Test
    void a_restore_point_has_all_before_it() throws Exception {
        assertRows(new RestoreTarget.RestorePoint("after two"), "zero one two");
    }

    /** Whoever wanted what was before a mistake must not be told to take the mistake along. */
    @Test
    void a_restore_point_that_is_not_there_is_said_to_be_looked_up() throws Exception {
        assertThatThrownBy(() -> assertRows(new RestoreTarget.RestorePoint("after tow"), "none"))
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessageContaining("before configured recovery target");
                            assertThat(it.hint())
                                    .startsWith(
                                            "nothing that is archived behind the backup meets the"
                                                    + " target: check its name or number");
                        });
    }

    @Test
    void the_end_of_the_backup_has_what_the_backup_has() throws Exception {
        assertRows(new RestoreTarget.Immediate(), "zero");
    }

    @Test
    void the_latest_follows_the_timeline_that_the_cluster_is_on() throws Exception {
        assertRows(planOn(Optional.of(2L), Optional.empty()), "zero one two three along-two");
        assertRows(planOn(Optional.of(1L), Optional.empty()), "zero one two three along-one");
    }

    /** It lies whole in the archive, with what the former primary still wrote. */
    @Test
    void nothing_is_replayed_of_a_timeline_behind_where_it_was_left() throws Exception {
        List<WalSegment> ofTheSecond =
                planOn(Optional.of(2L), Optional.empty()).wal().stream()
                        .filter(segment -> segment.timeline().equals(new TimelineId(2)))
                        .toList();
        Map<Path, byte[]> lost = new HashMap<>();
        for (WalSegment segment : ofTheSecond) {
            Path object = cluster.object(cluster.layout().segment(segment));
            lost.put(object, Files.readAllBytes(object));
            Files.delete(object);
        }
        try {
            RestorePlan plan = planOn(Optional.of(2L), Optional.empty());
            assertThat(plan.wal()).endsWith(ofTheSecond.getFirst().on(TimelineId.FIRST));

            assertRows(plan, "zero one two three");
            Path directory = cluster.fresh("all-at-once");
            restores.restore(plan, Restores.into(directory));
            Restores.started(
                    directory,
                    port ->
                            assertThat(TestCluster.sql(port, ROWS))
                                    .isEqualTo("zero one two three"));
        } finally {
            for (Map.Entry<Path, byte[]> each : lost.entrySet()) {
                Files.write(each.getKey(), each.getValue());
            }
        }
    }

    @Test
    void the_latest_follows_a_timeline_asked_for_against_the_clusters_own() throws Exception {
        assertRows(planOn(Optional.of(2L), Optional.of(1L)), "zero one two three along-one");
    }

    @Test
    void a_time_after_the_last_transaction_is_refused_with_that_transactions_time()
            throws Exception {
        RestorePlan toTheEnd = planOn(Optional.of(1L), Optional.empty());
        LastTransaction found =
                LastTransaction.in(
                        segment -> archive().read(segment).orElseThrow(),
                        toTheEnd.wal(),
                        Instant.MAX);
        Instant last = ((LastTransaction.Ended) found).time();
        assertThat(last).isAfter(two.time());

        assertCheckRefuses(new RestoreTarget.PointInTime(last, true), last);
        assertCheckRefuses(
                new RestoreTarget.PointInTime(last.plus(1, ChronoUnit.MICROS), false), last);
        check(new RestoreTarget.PointInTime(last.minus(1, ChronoUnit.MICROS), true));
        check(new RestoreTarget.PointInTime(last, false));
    }

    private void assertCheckRefuses(RestoreTarget target, Instant last) {
        assertThatThrownBy(() -> check(target))
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("the last ended at " + last);
    }

    private void check(RestoreTarget target) {
        RestorePlan along = planOn(Optional.of(1L), Optional.empty());
        RestorePlan plan =
                new RestorePlan(
                        target,
                        along.backup(),
                        List.of(),
                        along.timeline(),
                        along.wal(),
                        along.end(),
                        along.madeByReplay(),
                        along.histories(),
                        along.notes());
        new RestoreRun(
                        cluster.store(),
                        cluster.layout(),
                        plan,
                        Restores.into(cluster.fresh("checked")))
                .check(false);
    }

    private ArchivedWal archive() {
        return new ArchivedWal(cluster.store(), cluster.layout(), new WalSegmentSize(1 << 20));
    }

    /** PostgreSQL's own program reads the same from the same bytes. */
    @Test
    void the_ends_of_transactions_are_those_that_pg_waldump_tells() throws Exception {
        Path copies = TestCluster.own(Files.createDirectory(cluster.fresh("dumped")));
        int found = 0;
        for (WalSegment segment : planOn(Optional.of(1L), Optional.empty()).wal()) {
            Path file = copies.resolve(segment.name());
            FetchOutcome _ =
                    archive().fetch(new WalName.Segment(segment.timeline(), segment.name()), file);
            List<TransactionEnds.End> ends = TransactionEnds.in(Files.readAllBytes(file));

            assertThat(ends).containsExactlyElementsOf(dumped(file));
            found += ends.size();
        }
        assertThat(found).isGreaterThan(400);
    }

    /** Along both timelines, of which the second begins within a segment of the first. */
    @Test
    void the_pages_of_every_segment_that_a_server_archives_fit() throws Exception {
        Path file = cluster.fresh("walked");
        for (long timeline : new long[] {1, 2}) {
            for (WalSegment segment : planOn(Optional.of(timeline), Optional.empty()).wal()) {
                FetchOutcome _ =
                        archive()
                                .fetch(
                                        new WalName.Segment(segment.timeline(), segment.name()),
                                        file);
                SegmentPages pages = new SegmentPages(segment);

                assertThat(pages.next(ByteBuffer.wrap(Files.readAllBytes(file)))).isEmpty();
                assertThat(pages.certain()).isPresent();
            }
        }
    }

    private List<TransactionEnds.End> dumped(Path file) throws Exception {
        return END.matcher(
                        TestCluster.run(
                                "env",
                                "TZ=UTC",
                                "bash",
                                "-c",
                                "%s --rmgr=Transaction %s 2> /dev/null || true"
                                        .formatted(
                                                TestCluster.PROGRAMS.resolve("pg_waldump"), file)))
                .results()
                .map(it ->
                        new TransactionEnds.End(
                                Lsn.parse(it.group(1)),
                                Instant.parse(it.group(3).replace(' ', 'T') + "Z"),
                                it.group(2).startsWith("COMMIT")))
                .toList();
    }

    @Test
    void a_server_that_is_to_pause_can_be_read_and_let_go() throws Exception {
        Path directory = restored("paused", RestoreMode.Action.PAUSE);

        RecoveryOutcome outcome =
                Restores.started(
                        directory,
                        port -> {
                            assertThat(TestCluster.sql(port, ROWS)).isEqualTo("zero one two");
                            assertThat(TestCluster.sql(port, "SELECT pg_is_in_recovery()"))
                                    .isEqualTo("t");
                            TestCluster.sql(port, "SELECT pg_wal_replay_resume()");
                            Awaitility.await()
                                    .until(() ->
                                            TestCluster.sql(port, "SELECT pg_is_in_recovery()")
                                                    .equals("f"));
                        });

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PAUSED);
        assertThat(outcome.lastCommit()).contains(two.time());
    }

    @Test
    void a_server_that_is_to_shut_down_has_and_can_be_started_again() throws Exception {
        Path directory = restored("shut-down", RestoreMode.Action.SHUTDOWN);

        RecoveryOutcome outcome = Restores.started(directory, port -> {});

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.SHUT_DOWN);
        assertThat(new DataDirectory(directory).controlFile().map(ControlFile::state))
                .contains(ControlFile.State.SHUT_DOWN_IN_RECOVERY);
        assertThat(directory.resolve("recovery.signal")).exists();
        Files.writeString(
                directory.resolve("postgresql.auto.conf"),
                Files.readString(directory.resolve("postgresql.auto.conf"))
                        + "recovery_target_action = promote\n");
        Restores.started(
                directory,
                port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("zero one two"));
    }

    private Path restored(String name, RestoreMode.Action action) throws Exception {
        Path directory = cluster.fresh(name);
        restores.restore(
                plan(new RestoreTarget.Xid(two.xid(), true)),
                Restores.into(directory, new RestoreMode.Recover(action, Optional.empty())));
        return directory;
    }

    private void assertRows(RestoreTarget target, String rows) throws Exception {
        assertRows(plan(target), rows);
    }

    private void assertRows(RestorePlan plan, String rows) throws Exception {
        Path directory = cluster.fresh("to-" + System.nanoTime());

        RecoveryOutcome outcome =
                restores.streamed(
                        plan,
                        Restores.into(directory),
                        port -> {
                            assertThat(TestCluster.sql(port, ROWS)).isEqualTo(rows);
                            TestCluster.sql(port, "INSERT INTO deeds (name) VALUES ('after')");
                        });

        assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
    }

    private RestorePlan plan(RestoreTarget target) {
        return restores.plan(RestoreRequest.of(target));
    }

    private RestorePlan planOn(Optional<Long> committed, Optional<Long> asked) {
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.of(
                                        cluster.store(),
                                        cluster.layout(),
                                        committed.map(TimelineId::new)))
                        .plan(
                                new RestoreRequest(
                                        new RestoreTarget.Latest(),
                                        asked.map(TimelineId::new),
                                        Optional.empty()));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        return ((Planning.Planned) planning).plan();
    }

    private void deed(String name) throws Exception {
        cluster.sql("INSERT INTO deeds (name) VALUES ('" + name + "')");
    }

    private Commit commit(long xid) throws Exception {
        String segment = cluster.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
        cluster.sql("CHECKPOINT");
        String text =
                TestCluster.run(
                        "env",
                        "TZ=UTC",
                        "bash",
                        "-c",
                        // It complains where the log ends, and has said all by then.
                        "%s --path=%s --rmgr=Transaction --xid=%d %s 2> /dev/null || true"
                                .formatted(
                                        TestCluster.PROGRAMS.resolve("pg_waldump"),
                                        cluster.data().resolve("pg_wal"),
                                        xid,
                                        segment));
        Matcher matcher = COMMIT.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return new Commit(
                xid,
                Lsn.parse(matcher.group(1)),
                Instant.parse(matcher.group(2).replace(' ', 'T') + "Z"));
    }
}
