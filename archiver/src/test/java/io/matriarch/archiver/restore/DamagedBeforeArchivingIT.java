package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.recovery.RestoredServer;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The archive is whole, every object as it was stored, and one bit of the log was wrong before it
 * came there. Only replay finds that out, and takes it for the end of the log.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedBeforeArchivingIT {

    private static final String ROWS =
            "SELECT string_agg(DISTINCT g::text, ' ' ORDER BY g::text) FROM t";

    private static final Pattern POSITION = Pattern.compile("the position ([0-9A-F]+/[0-9A-F]+)");

    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;
    private WalSegment middle;
    private Instant beforeTheLast;

    @BeforeAll
    void a_cluster_with_much_wal_behind_its_backup() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t (g int)");
        restores.backup("good");
        for (int i = 0; i < 6; i++) {
            cluster.sql("INSERT INTO t SELECT " + i + " FROM generate_series(1, 8000)");
            restores.archiveAll();
        }
        beforeTheLast = Instant.parse(cluster.sql("SELECT to_json(now())#>>'{}'"));
        cluster.sql("INSERT INTO t SELECT 9 FROM generate_series(1, 2000)");
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
        middle = plan.wal().get(plan.wal().size() - 4);
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_latest_does_not_promote_before_the_end_of_the_plan(boolean isStreamed)
            throws Exception {
        Path directory = cluster.fresh("latest-" + isStreamed);

        damaged(
                middle,
                300_000,
                () ->
                        assertThatThrownBy(() -> recover(plan, directory, isStreamed))
                                .isInstanceOf(RestoreException.class)
                                .hasMessageContaining(middle.name())
                                .hasMessageContaining(plan.wal().getLast().name())
                                .hasMessageContaining("checksum"));

        assertThat(directory.resolve("recovery.signal")).exists();
        assertThat(directory.resolve("pg_wal/00000002.history")).doesNotExist();
    }

    @Test
    void with_the_segment_as_it_should_be_the_same_restore_goes_on() throws Exception {
        Path directory = cluster.fresh("mended");
        damaged(
                middle,
                300_000,
                () ->
                        assertThatThrownBy(() -> recover(plan, directory, true))
                                .isInstanceOf(RestoreException.class));

        restores.streamed(
                plan,
                Restores.into(directory),
                port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("0 1 2 3 4 5 9"));
    }

    @Test
    void what_lies_before_the_damage_can_be_had_as_the_hint_says() throws Exception {
        damaged(
                middle,
                300_000,
                () -> {
                    RestoreException refusal = refusal(plan, cluster.fresh("first"), true);
                    Matcher position = POSITION.matcher(refusal.hint());
                    assertThat(position.find()).as(refusal.hint()).isTrue();
                    RestoreTarget upTo =
                            new RestoreTarget.AtLsn(Lsn.parse(position.group(1)), true);

                    restores.streamed(
                            restores.plan(RestoreRequest.of(upTo)),
                            Restores.into(cluster.fresh("second")),
                            port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("0 1 2"));
                });
    }

    private RestoreException refusal(RestorePlan plan, Path directory, boolean isStreamed)
            throws Exception {
        try {
            recover(plan, directory, isStreamed);
        } catch (RestoreException e) {
            return e;
        }
        throw new AssertionError("it was not refused");
    }

    @Test
    void a_time_behind_the_damage_is_not_said_to_be_behind_the_last_transaction() throws Exception {
        RestorePlan toTime =
                restores.plan(
                        RestoreRequest.of(new RestoreTarget.PointInTime(beforeTheLast, true)));

        damaged(
                middle,
                300_000,
                () ->
                        assertThatThrownBy(() -> recover(toTime, cluster.fresh("time"), false))
                                .isInstanceOfSatisfying(
                                        RestoreException.class,
                                        it -> {
                                            assertThat(it).hasMessageContaining(middle.name());
                                            assertThat(it.hint()).doesNotContain("no transaction");
                                        }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_damage_in_the_very_last_segment_is_no_success(boolean isStreamed) throws Exception {
        WalSegment last = plan.wal().getLast();
        int inside = lastPage(last) - 4096;

        damaged(
                last,
                inside,
                () ->
                        assertThatThrownBy(() ->
                                        recover(
                                                plan,
                                                cluster.fresh("last-" + isStreamed),
                                                isStreamed))
                                .isInstanceOf(RestoreException.class)
                                .hasMessageContaining(last.name()));
    }

    /** The server has stopped since, and no longer knows itself how far it came. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_same_restore_once_more_says_again_that_the_last_segment_is_damaged(boolean isStreamed)
            throws Exception {
        WalSegment last = plan.wal().getLast();
        Path directory = cluster.fresh("again-" + isStreamed);

        damaged(
                last,
                lastPage(last) - 4096,
                () -> {
                    RestoreException first = refusal(plan, directory, isStreamed);
                    assertThat(directory.resolve("recovery.signal")).doesNotExist();

                    RestoreException again = refusal(plan, directory, isStreamed);

                    assertThat(again).hasMessage(first.getMessage());
                    assertThat(again.hint()).isEqualTo(first.hint());
                });
    }

    @Test
    void a_server_that_was_restarted_since_is_no_success_either() throws Exception {
        WalSegment last = plan.wal().getLast();
        Path directory = cluster.fresh("restarted");
        int port = FreePort.draw();

        damaged(
                last,
                lastPage(last) - 4096,
                () -> {
                    restores.restore(plan, Restores.into(directory));
                    RestoredServer server = Restores.start(directory, port);
                    assertThatThrownBy(() -> server.follow(progress -> {}))
                            .hasMessageContaining(last.name());
                    TestCluster.run(
                            TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                            "restart",
                            "--wait",
                            "--pgdata=" + directory);

                    assertThatThrownBy(() -> Restores.started(directory, it -> {}))
                            .isInstanceOf(RestoreException.class)
                            .hasMessageContaining(last.name());
                });
    }

    /** The archive was cut off inside a record that is longer than several segments. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_latest_of_an_archive_that_ends_within_a_record_is_what_lies_before(boolean isStreamed)
            throws Exception {
        try (TestCluster other = TestCluster.start()) {
            Restores its = new Restores(other);
            other.sql("CREATE TABLE t (g int)");
            its.backup("good");
            other.sql("INSERT INTO t VALUES (1)");
            other.sql("SELECT pg_logical_emit_message(true, 'long', repeat('x', 4000000))");
            its.archiveAll();
            List<WalSegment> all = its.plan(RestoreRequest.of(new RestoreTarget.Latest())).wal();
            for (WalSegment segment : all.subList(all.size() - 2, all.size())) {
                Files.delete(other.object(other.layout().segment(segment)));
            }
            RestorePlan within = its.plan(RestoreRequest.of(new RestoreTarget.Latest()));
            assertThat(within.wal()).hasSize(all.size() - 2);
            Path directory = other.fresh("cut");
            if (!isStreamed) {
                its.restore(within, Restores.into(directory));
            }

            RecoveryOutcome outcome =
                    isStreamed
                            ? its.streamed(within, Restores.into(directory), this::hasOne)
                            : Restores.started(directory, this::hasOne);

            assertThat(outcome.end()).isEqualTo(RecoveryOutcome.End.PROMOTED);
        }
    }

    private void hasOne(int port) throws Exception {
        assertThat(TestCluster.sql(port, ROWS)).isEqualTo("1");
    }

    private void recover(RestorePlan plan, Path directory, boolean isStreamed) throws Exception {
        Restores.Checks none = port -> {};
        if (isStreamed) {
            restores.streamed(plan, Restores.into(directory), none);
        } else {
            restores.restore(plan, Restores.into(directory));
            Restores.started(directory, none);
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    /** An archive that was given the segment with one bit wrong. */
    private void damaged(WalSegment segment, int at, Check check) throws Exception {
        Path object = cluster.object(cluster.layout().segment(segment));
        byte[] good = Files.readAllBytes(object);
        try {
            byte[] bytes = content(segment);
            bytes[at] ^= 1;
            Files.write(object, Zstd.compress(bytes));
            check.run();
        } finally {
            Files.write(object, good);
        }
    }

    private byte[] content(WalSegment segment) throws IOException {
        byte[] packed = Files.readAllBytes(cluster.object(cluster.layout().segment(segment)));
        return Zstd.decompress(packed, (int) segment.size().bytes());
    }

    /** Where the last page begins that has a header. */
    private int lastPage(WalSegment segment) throws IOException {
        byte[] bytes = content(segment);
        int page = bytes.length - 8192;
        while (bytes[page] == 0 && bytes[page + 1] == 0) {
            page -= 8192;
        }
        return page;
    }
}
