package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.FreePort;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.readback.RestoreException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Restores that are killed with signal 9, again and again, until one comes to its end. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledRestoreIT {

    private static final String SUM = "SELECT count(*), sum(hashtext(r)) FROM big";
    private static final int KILLS = 10;

    /** So many of them leave something unfinished, and each something else. */
    private static final int SURE_KILLS = 3;

    /** A server without its restore takes some seconds to stop. */
    private static final int KILLS_IN_REPLAY = 5;

    /** Until a new process comes to its work. */
    private static final int BEGINNING_MILLIS = 300;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private TestCluster cluster;
    private Restores restores;
    private RestorePlan plan;
    private String sum;

    @BeforeAll
    void a_cluster_with_a_backup_and_wal() throws Exception {
        cluster = TestCluster.start();
        restores = new Restores(cluster);
        cluster.sql(
                "CREATE TABLE big AS SELECT g, repeat(gen_random_uuid()::text, 4) AS r FROM"
                        + " generate_series(1, 100000) g");
        restores.backup("good");
        cluster.sql("UPDATE big SET r = r || 'x' WHERE g % 4 = 0");
        cluster.sql("INSERT INTO big SELECT g, r FROM big WHERE g % 2 = 0");
        sum = cluster.sql(SUM);
        restores.archiveAll();
        plan = restores.plan(RestoreRequest.of(new RestoreTarget.Latest()));
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void a_restore_killed_anywhere_cannot_start_and_goes_on() throws Exception {
        Path directory = cluster.fresh("new");

        int unfinished = killUntilDone(directory, "new");

        assertThat(unfinished)
                .as("kills before the seal, seed %d", seed)
                .isGreaterThanOrEqualTo(SURE_KILLS);
        Restores.verify(directory);
        Restores.started(directory, port -> assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum));
    }

    @Test
    void a_delta_killed_anywhere_cannot_start_and_goes_on() throws Exception {
        Path directory = cluster.fresh("delta");
        restores.restore(plan, Restores.into(directory));
        Restores.started(
                directory,
                port -> {
                    TestCluster.sql(port, "UPDATE big SET r = 'gone'");
                    TestCluster.sql(port, "CREATE TABLE more AS SELECT * FROM big");
                });

        int unfinished = killUntilDone(directory, "delta");

        assertThat(unfinished)
                .as("kills before the seal, seed %d", seed)
                .isGreaterThanOrEqualTo(SURE_KILLS);
        Restores.verify(directory);
        Restores.started(
                directory,
                port -> {
                    assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum);
                    assertThat(TestCluster.sql(port, "SELECT to_regclass('more') IS NULL"))
                            .isEqualTo("t");
                });
    }

    @Test
    void a_replay_whose_restore_is_killed_comes_to_its_end_with_the_next() throws Exception {
        Path directory = cluster.fresh("replayed");
        int port = FreePort.draw();
        try {
            int status = -1;
            for (int i = 0; status != 0; i++) {
                assertThat(i).as("runs, seed %d", seed).isLessThan(4 * KILLS_IN_REPLAY);
                status = run(directory, "new", port, i < KILLS_IN_REPLAY);
            }

            assertThat(TestCluster.sql(port, "SELECT pg_is_in_recovery()")).isEqualTo("f");
            assertThat(TestCluster.sql(port, SUM)).isEqualTo(sum);
        } finally {
            TestCluster.run(
                    TestCluster.PROGRAMS.resolve("pg_ctl").toString(),
                    "stop",
                    "--mode=immediate",
                    "--pgdata=" + directory);
        }
    }

    /**
     * Kills, and after each kill looks that what is there cannot be started unless it is whole.
     *
     * @return how many kills left something unfinished
     */
    private int killUntilDone(Path directory, String kind) throws Exception {
        int unfinished = 0;
        for (int i = 0; i < KILLS; i++) {
            if (i < SURE_KILLS) {
                killWhileItWrites(directory, kind);
            } else {
                run(directory, kind, 0, true);
            }
            if (isUnfinished(directory)) {
                unfinished++;
                assertNoServerStarts(directory);
            }
        }
        assertThat(run(directory, kind, 0, false)).as("seed %d", seed).isZero();
        return unfinished;
    }

    /** Neither by the program, which looks first, nor by PostgreSQL's own. */
    private void assertNoServerStarts(Path directory) {
        assertThatThrownBy(() -> Restores.started(directory, port -> {}))
                .as("seed %d", seed)
                .isInstanceOf(RestoreException.class)
                .hasMessageContaining("is not sealed");
        assertThatThrownBy(() ->
                        TestCluster.run(
                                TestCluster.PROGRAMS.resolve("postgres").toString(),
                                "-D",
                                directory.toString(),
                                "-c",
                                "config_file=" + cluster.data().resolve("postgresql.conf"),
                                "-c",
                                "unix_socket_directories=",
                                "-c",
                                "port=" + FreePort.draw()))
                .as("seed %d", seed)
                .isInstanceOf(IllegalStateException.class)
                .message()
                .containsAnyOf(
                        "could not find the database system", "is not a valid data directory");
    }

    private int run(Path directory, String kind, int port, boolean isKilled) throws Exception {
        Process child = RestoreChild.begin(cluster, directory, kind, port);
        try {
            int life = BEGINNING_MILLIS + random.nextInt(port == 0 ? 700 : 2500);
            boolean isEnded =
                    isKilled
                            ? child.waitFor(life, TimeUnit.MILLISECONDS)
                            : child.waitFor(120, TimeUnit.SECONDS);
            return isEnded ? child.exitValue() : -1;
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /**
     * However fast this machine is: at a moment when it has begun, has come further than any before
     * it, and cannot have ended.
     */
    private void killWhileItWrites(Path directory, String kind) throws Exception {
        Set<String> before = isUnfinished(directory) ? content(directory) : Set.of();
        Process child = RestoreChild.begin(cluster, directory, kind, 0);
        try {
            while (!isUnfinished(directory) || content(directory).equals(before)) {
                assertThat(child.waitFor(2, TimeUnit.MILLISECONDS)).as("ended").isFalse();
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The files that are in place, each with what tells it from another of its name. */
    private static Set<String> content(Path directory) throws IOException {
        Set<String> content = new HashSet<>();
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        content.add(file + " " + attributes.fileKey());
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException vanished) {
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @Nullable IOException vanished) {
                        return FileVisitResult.CONTINUE;
                    }
                });
        content.removeIf(it -> it.contains("/" + RestoreFolder.FOLDER + "/"));
        return content;
    }

    private static boolean isUnfinished(Path directory) {
        return Files.exists(directory.resolve(RestoreFolder.NOTE))
                && !Files.exists(directory.resolve("global/pg_control"));
    }
}
