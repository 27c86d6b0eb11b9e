package io.matriarch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.outside.Database;
import io.matriarch.outside.Ended;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Much is to be archived at once, and the sidecar stays small. */
@Isolated("it loads the machine, and measures memory")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BurstIT {

    private static final long MOST_RESIDENT_KB = 256L << 10;
    private static final long SEGMENTS = 100;

    @RegisterExtension
    private static final LocalCluster CLUSTER = LocalCluster.with("--nodes", "1");

    private final RunningCluster cluster = CLUSTER.running();

    /** Text that compresses to a half, and repeats only beyond the compressor's window. */
    private static final String BURST =
            """
            DO $$
            DECLARE noise text := (SELECT string_agg(md5(random()::text || n), '')
                                   FROM generate_series(1, 200000) n);
            BEGIN
                FOR i IN 1..270 LOOP
                    PERFORM pg_logical_emit_message(false, 'burst', noise);
                END LOOP;
            END $$
            """;

    @Test
    void a_hundred_segments_and_a_base_backup_at_once_stay_within_the_bound() throws Exception {
        Database database = cluster.superuser();
        long before = archived(database);
        database.execute(
                "CREATE TABLE filling AS SELECT n, repeat(md5(n::text), 8) AS t"
                        + " FROM generate_series(1, 800000) n");

        try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
            Future<Ended> backup = beside.submit(() -> cluster.command("backup"));
            database.execute(BURST);
            String last = database.text("SELECT pg_walfile_name(pg_switch_wal())");
            backup.get(3, TimeUnit.MINUTES).orFail();
            await("segment " + last + " is archived")
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> lastArchived(database).compareTo(last) >= 0);
        }

        assertThat(archived(database) - before).isGreaterThanOrEqualTo(SEGMENTS);
        assertThat(Path.of("/proc/" + sidecar() + "/maps"))
                .content()
                .as("the bound holds with what was rehearsed")
                .contains(Rehearsal.KEPT.toString());
        assertThat(peakKilobytes()).isLessThanOrEqualTo(MOST_RESIDENT_KB);
    }

    private static long archived(Database database) throws Exception {
        return database.number("SELECT archived_count FROM pg_stat_archiver");
    }

    private static String lastArchived(Database database) throws Exception {
        return database.text("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver");
    }

    /** The most memory that the sidecar ever had, as the kernel counts it. */
    private long peakKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + sidecar() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    private long sidecar() {
        ClusterFile.Node node = cluster.file().nodes().getFirst();
        return Optional.ofNullable(node.sidecarPid()).orElseThrow();
    }
}
