package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.fetch.PlannedWal;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.postgresql.WatchedStore;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Servers that replay while their WAL still comes, of more segments than may lie ahead of them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamedRestoreIT {

    private static final String SUM = "SELECT count(*), sum(hashtext(r)) FROM big";
    private static final int THREADS = 4;

    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;
    private String sum;

    @BeforeAll
    void a_cluster_with_much_wal_behind_its_backup() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE big (g int, r text)");
        restores.backup("empty");
        for (int i = 0; i < 4; i++) {
            cluster.sql(
                    "INSERT INTO big SELECT g, repeat(gen_random_uuid()::text, 6) FROM"
                            + " generate_series(1, 100000) g");
        }
        sum = cluster.sql(SUM);
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void no_more_than_the_bound_lies_ahead_of_the_server() throws Exception {
        Path directory = cluster.fresh("bounded");
        AtomicLong most = new AtomicLong();
        Set<String> fetched = ConcurrentHashMap.newKeySet();
        ObjectStore watched =
                new WatchedStore(
                        cluster.store(),
                        call -> {
                            if (call.contains("/wal/00000001/")) {
                                fetched.add(call);
                                most.accumulateAndGet(segments(directory), Math::max);
                            }
                            return false;
                        });
        RestoreRun run = new RestoreRun(watched, cluster.layout(), plan, Restores.into(directory));

        try (PlannedWal stream = run.stream()) {
            assertThat(plan.wal()).hasSizeGreaterThan(stream.ahead() + 2 * THREADS);
            run.run(TransferProgress.SILENT, stream);
            Restores.verify(directory);
            assertThat(fetched).hasSizeLessThanOrEqualTo(stream.ahead());
            Restores.started(
                    directory, port -> assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum));
            assertThat(most.get()).isBetween(1L, (long) stream.ahead());
            assertThat(fetched).hasSizeGreaterThanOrEqualTo(plan.wal().size());
        }
        assertThat(segments(directory)).isZero();
    }

    @Test
    void a_segment_that_was_lost_meanwhile_stops_the_server_and_is_named() throws Exception {
        Path directory = cluster.fresh("lost");
        WalSegment lost = plan.wal().get(plan.wal().size() - 3);
        Path object = cluster.object(cluster.layout().segment(lost));
        byte[] good = Files.readAllBytes(object);
        Files.delete(object);
        RestoreRun run =
                new RestoreRun(cluster.store(), cluster.layout(), plan, Restores.into(directory));
        try (PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);

            assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                    .isInstanceOf(RestoreException.class);

            assertThat(stream.failure())
                    .hasValueSatisfying(it ->
                            assertThat(it)
                                    .hasMessageContaining(cluster.layout().segment(lost))
                                    .hasMessageContaining("missing"));
            assertThat(directory.resolve("recovery.signal")).exists();
        } finally {
            Files.write(object, good);
        }
        assertThat(
                        restores.streamed(
                                        plan,
                                        Restores.into(directory),
                                        port ->
                                                assertThat(TestCluster.sql(port, SUM))
                                                        .isEqualTo(sum))
                                .end())
                .isEqualTo(RecoveryOutcome.End.PROMOTED);
    }

    @Test
    void without_anybody_who_brings_wal_the_server_stops_and_does_not_promote() throws Exception {
        Path directory = cluster.fresh("alone");
        RestoreRun run =
                new RestoreRun(cluster.store(), cluster.layout(), plan, Restores.into(directory));
        try (PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);
        }

        assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                .isInstanceOf(RestoreException.class);

        assertThat(directory.resolve("recovery.signal")).exists();
        // Run again without a server to start, the restore brings all of it.
        assertThat(restores.restore(plan, Restores.into(directory)).wasComplete()).isTrue();
        assertThat(segments(directory)).isEqualTo(plan.wal().size());
        Restores.started(directory, port -> assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum));
    }

    /** Between the two runs the archive has grown. */
    @Test
    void a_restore_that_is_taken_up_again_goes_to_the_end_of_its_new_plan() throws Exception {
        Path directory = cluster.fresh("grown");
        RestorePlan shorter =
                new RestorePlan(
                        plan.target(),
                        plan.backup(),
                        List.of(),
                        plan.timeline(),
                        plan.wal().subList(0, plan.wal().size() - 10),
                        plan.end(),
                        plan.madeByReplay(),
                        plan.histories(),
                        plan.notes());
        RestoreRun run =
                new RestoreRun(
                        cluster.store(), cluster.layout(), shorter, Restores.into(directory));
        try (PlannedWal stream = run.stream()) {
            run.run(TransferProgress.SILENT, stream);
        }

        RestoreRun again =
                new RestoreRun(cluster.store(), cluster.layout(), plan, Restores.into(directory));
        try (PlannedWal stream = again.stream()) {
            again.run(TransferProgress.SILENT, stream);
            assertThat(Files.readAllLines(directory.resolve(RestoreFolder.path("planned"))))
                    .contains(plan.wal().getLast().name());
            Restores.started(
                    directory, port -> assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum));
        }
    }

    private static long segments(Path directory) {
        try (Stream<Path> files = Files.list(directory.resolve(RestoreFolder.FOLDER))) {
            return files.filter(it -> WalSegment.isName(it.getFileName().toString())).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
