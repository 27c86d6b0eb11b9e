package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.drill.DrillMoment;
import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillReport.Check;
import io.matriarch.archiver.drill.DrillReport.Failure;
import io.matriarch.archiver.drill.DrillReport.Outcome;
import io.matriarch.archiver.drill.DrillReport.Phase;
import io.matriarch.archiver.drill.DrillReport.Timing;
import io.matriarch.archiver.drill.DrillRequest;
import io.matriarch.archiver.drill.DrillRun;
import io.matriarch.archiver.drill.DrillStore;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drills of an archive, whole and not. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DrilledArchiveIT {

    private static final int PAGE = 8192;

    private TestCluster cluster;
    private Restores restores;

    @BeforeEach
    void a_cluster() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 20000) g");
        cluster.sql("CREATE INDEX ON t (g)");
    }

    @AfterEach
    void ended() throws Exception {
        cluster.close();
    }

    private BaseBackup backupWithLogBehind() throws Exception {
        BaseBackup backup = restores.backup("good");
        for (int i = 0; i < 3; i++) {
            cluster.sql("INSERT INTO t SELECT g FROM generate_series(1, 10000) g");
            restores.archiveAll();
        }
        return backup;
    }

    /** Also the lock beside it means nothing. */
    private List<Path> left() throws IOException {
        try (Stream<Path> entries = Files.list(cluster.folder())) {
            return entries.filter(it -> it.getFileName().toString().startsWith("matriarch-drill-"))
                    .toList();
        }
    }

    @Test
    void a_whole_archive_is_proven_at_a_drawn_moment() throws Exception {
        BaseBackup backup = backupWithLogBehind();

        DrillReport report = restores.drilled("random", 4, Optional.of("SELECT count(*) FROM t"));

        assertThat(report.failure()).isEmpty();
        assertThat(report.source().orElseThrow().backup()).isEqualTo(backup.id());
        assertThat(report.aim().seed()).contains(4L);
        Lsn target = Lsn.parse(report.aim().target().orElseThrow());
        assertThat(report.reached().orElseThrow().lsn())
                .isGreaterThanOrEqualTo(target)
                .isGreaterThanOrEqualTo(backup.wal().stop());
        assertThat(report.reached().orElseThrow().segments()).isPositive();
        assertThat(report.phases()).extracting(Timing::phase).containsExactly(Phase.values());
        assertThat(report.measures().rto()).isPresent();
        assertThat(report.measures().rpo()).isPresent();
        assertThat(report.checks())
                .extracting(Check::name)
                .containsExactly("pg_amcheck", "query", "pg_checksums");
        assertThat(report.checks()).extracting(Check::outcome).containsOnly(Outcome.PASSED);
        assertThat(report.checks().get(1).detail()).startsWith("1 row, the first value is ");
        assertThat(left()).isEmpty();
        assertThat(new DrillStore(cluster.store(), cluster.layout()).last()).contains(report);
    }

    @Test
    void all_that_was_archived() throws Exception {
        backupWithLogBehind();

        DrillReport report =
                restores.drilled("latest", 0, Optional.of("SELECT count(*) = 50000 FROM t"));

        assertThat(report.failure()).isEmpty();
        assertThat(report.reached().orElseThrow().lastCommit()).isPresent();
    }

    @Test
    void a_backup_with_nothing_behind_it() throws Exception {
        restores.backup("alone");

        DrillReport report = restores.drilled("random", 1, Optional.empty());

        assertThat(report.failure()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT count(*) = 1 FROM t | the first value is f",
                "SELECT NULL::boolean | expected: true",
                "SELECT 1 / 0 | division by zero",
                "SELECT FROM nowhere | nowhere"
            })
    void a_query_that_does_not_hold(String query, String reason) throws Exception {
        restores.backup("good");

        DrillReport report = restores.drilled("latest", 0, Optional.of(query));

        Failure failure = report.failure().orElseThrow();
        assertThat(failure.phase()).isEqualTo(Phase.QUERY);
        assertThat(failure.isOfTheArchive()).isTrue();
        assertThat(failure.reason()).contains(reason).doesNotContain("\n");
        assertThat(report.reached()).isPresent();
        assertThat(left()).isEmpty();
    }

    /** A bit of a line pointer: of what a row holds no program knows what it should be. */
    @ParameterizedTest
    @CsvSource({"true, pg_checksums", "true, pg_amcheck", "false, pg_amcheck"})
    void a_page_that_was_damaged_in_the_cluster(boolean hasChecksums, String finder)
            throws Exception {
        cluster.sql("CHECKPOINT");
        Path file = cluster.data().resolve(cluster.sql("SELECT pg_relation_filepath('t')"));
        cluster.stopServer("fast");
        if (!hasChecksums) {
            TestCluster.run(
                    TestCluster.PROGRAMS.resolve("pg_checksums").toString(),
                    "--disable",
                    "--pgdata=" + cluster.data());
        }
        try (RandomAccessFile heap = new RandomAccessFile(file.toFile(), "rw")) {
            heap.seek(3 * PAGE + 25);
            int bits = heap.read();
            heap.seek(3 * PAGE + 25);
            heap.write(bits ^ 0x40);
        }
        cluster.startServer();
        restores.backup("damaged");

        DrillReport report = restores.drilled("latest", 0, Optional.empty());

        assertThat(report.failure().orElseThrow().phase()).isEqualTo(Phase.CHECK);
        assertThat(report.failure().orElseThrow().isOfTheArchive()).isTrue();
        assertThat(report.checks())
                .filteredOn(it -> it.outcome() == Outcome.FAILED)
                .extracting(Check::name)
                .contains(finder);
    }

    @Test
    void a_segment_that_is_lost() throws Exception {
        backupWithLogBehind();
        WalSegment lost = restores.plan(latest()).wal().get(2);
        Files.delete(cluster.object(cluster.layout().segment(lost)));

        DrillReport report = restores.drilled("random", 1, Optional.empty());

        Failure failure = report.failure().orElseThrow();
        assertThat(failure.phase()).isEqualTo(Phase.PLAN);
        assertThat(failure.isOfTheArchive()).isTrue();
        assertThat(failure.reason()).contains(lost.name());
        assertThat(new DrillStore(cluster.store(), cluster.layout()).last()).contains(report);
    }

    private static RestoreRequest latest() {
        return RestoreRequest.of(new RestoreTarget.Latest());
    }

    @Test
    void the_newest_backup_though_it_cannot_be_read() throws Exception {
        backupWithLogBehind();
        BaseBackup newer = restores.backup("newer");
        Path object = cluster.object(cluster.layout().backup(newer.id()));
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 1;
        Files.write(object, bytes);

        DrillReport report = restores.drilled("random", 1, Optional.empty());

        assertThat(report.failure().orElseThrow().reason()).contains(newer.id().toString());
    }

    @Test
    void whoever_is_interrupted_leaves_nothing() throws Exception {
        backupWithLogBehind();
        Thread self = Thread.currentThread();
        DrillRun drill =
                new DrillRun(
                        cluster.store(),
                        cluster.layout(),
                        Optional.empty(),
                        restores.drillOptions(Optional.empty()));
        SilentDrill interrupting =
                new SilentDrill() {
                    @Override
                    public void onPhase(Phase phase) {
                        if (phase == Phase.CHECK) {
                            self.interrupt();
                        }
                    }
                };

        assertThatThrownBy(() ->
                        drill.run(
                                new DrillRequest(
                                        DrillMoment.parse("latest", 0),
                                        "latest",
                                        Optional.empty(),
                                        Optional.empty()),
                                "here",
                                interrupting))
                .isInstanceOf(InterruptedException.class);
        assertThat(left()).isEmpty();
    }

    @Test
    void only_the_newest_reports_are_kept() throws Exception {
        restores.backup("good");
        DrillReport report = restores.drilled("latest", 0, Optional.empty());
        DrillStore store = new DrillStore(cluster.store(), cluster.layout());
        for (int i = 0; i < 110; i++) {
            String _ = store.write(report);
        }

        assertThat(cluster.store().list(cluster.layout().drillsFolder()))
                .hasSize(100)
                .extracting(ListedObject::key)
                .allMatch(key -> key.endsWith(".json.zst"));
    }
}
