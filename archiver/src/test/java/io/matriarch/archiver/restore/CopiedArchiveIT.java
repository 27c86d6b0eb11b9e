package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A repository that somebody has copied into a bucket with a client that took names and bytes, and
 * none of the metadata: the digests of the segments are lost.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CopiedArchiveIT {

    private static final String ROWS = "SELECT count(*) FROM t";

    private S3Server server;
    private ObjectStore copy;
    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;

    @BeforeAll
    void a_copy_of_an_archive(@TempDir Path directory) throws Exception {
        server = S3Server.start(directory);
        copy = ObjectStore.open(server.settings("copy"));
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE t AS SELECT g FROM generate_series(1, 20000) g");
        restores.backup("good");
        cluster.sql("INSERT INTO t SELECT g FROM generate_series(1, 20000) g");
        restores.archiveAll();
        for (ListedObject object : cluster.store().list("")) {
            copy.putIfAbsent(object.key(), Body.of(bytes(object.key())), Metadata.NONE);
        }
        Planning planning =
                new RestorePlanner(
                                ArchiveSurvey.forRestore(copy, cluster.layout(), Optional.empty()))
                        .plan(RestoreRequest.of(new RestoreTarget.Latest()));
        assertThat(planning).isInstanceOf(Planning.Planned.class);
        plan = ((Planning.Planned) planning).plan();
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
        copy.close();
        server.close();
    }

    private byte[] bytes(String key) throws IOException {
        try (InputStream in = cluster.store().get(key).orElseThrow()) {
            return in.readAllBytes();
        }
    }

    private String lastSegment() {
        return cluster.layout().segment(plan.wal().getLast());
    }

    @Test
    void a_copy_without_metadata_is_restored() throws Exception {
        assertThat(copy.head(lastSegment()).orElseThrow().metadata()).isEqualTo(Metadata.NONE);
        Path directory = cluster.fresh("copied");

        restores.restore(copy, plan, Restores.into(directory));

        Restores.verify(directory);
        Restores.started(
                directory, port -> assertThat(TestCluster.sql(port, ROWS)).isEqualTo("40000"));
    }

    /** No copy loses the checksum in the object itself. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.5, 0.9})
    void a_changed_bit_is_found_all_the_same(double at) throws Exception {
        assertRestoreNames(
                lastSegment(),
                good -> {
                    byte[] bad = good.clone();
                    bad[(int) (at * good.length)] ^= 1;
                    return bad;
                });
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.5, 0.9})
    void and_so_is_a_copy_that_breaks_off(double at) throws Exception {
        assertRestoreNames(lastSegment(), good -> Arrays.copyOf(good, (int) (at * good.length)));
    }

    @Test
    void and_another_segment_in_its_place() throws Exception {
        String other = cluster.layout().segment(plan.wal().getFirst());
        byte[] content = bytes(other);

        assertRestoreNames(lastSegment(), good -> content);
    }

    private void assertRestoreNames(String key, UnaryOperator<byte[]> damage) throws Exception {
        Path directory = cluster.fresh("damaged-" + System.nanoTime());
        byte[] good = bytes(key);
        replace(key, damage.apply(good));
        try {
            assertThatThrownBy(() -> restores.restore(copy, plan, Restores.into(directory)))
                    .isInstanceOfSatisfying(
                            RestoreException.class,
                            it -> {
                                assertThat(it).hasMessageContaining(key);
                                assertThat(it).hasMessageContaining("is damaged");
                                assertThat(it.hint()).contains("restore to before this file");
                            });
        } finally {
            replace(key, good);
        }
        assertThat(directory.resolve("global/pg_control")).doesNotExist();
    }

    private void replace(String key, byte[] bytes) {
        copy.delete(List.of(key));
        copy.putIfAbsent(key, Body.of(bytes), Metadata.NONE);
    }
}
