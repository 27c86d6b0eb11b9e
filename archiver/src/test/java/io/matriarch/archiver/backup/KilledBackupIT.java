package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.store.ListedObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A process that takes backups and is killed, by SIGKILL, at random points. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledBackupIT {

    private static final int ROUNDS = 12;
    private static final String KEPT = "SELECT count(*), sum(hashtext(r)) FROM kept";
    private static final String HEAP = "256m";

    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init") // opened before each test
    KilledBackupIT() {}

    @BeforeEach
    void open() throws Exception {
        cluster = TestCluster.start();
        cluster.sql(
                "CREATE TABLE kept AS SELECT g, gen_random_uuid()::text AS r"
                        + " FROM generate_series(1, 100000) g; CREATE INDEX ON kept (r);"
                        + " CREATE TABLE busy (n int); CHECKPOINT");
    }

    @AfterEach
    void close() throws Exception {
        cluster.close();
    }

    /** Kills the process when it is about to put its n-th object; false if it ended before. */
    private boolean isKilledAt(int n) throws Exception {
        Process process = BackupProcess.begin(cluster, HEAP);
        List<String> said = new ArrayList<>();
        int puts = 0;
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
                puts += line.startsWith(BackupProcess.PUT) ? 1 : 0;
                if (puts == n) {
                    process.destroyForcibly();
                    break;
                }
            }
        } catch (IOException endedWithTheProcess) {
            said.add(endedWithTheProcess.toString());
        } finally {
            process.destroyForcibly().waitFor();
        }
        boolean isDone = said.stream().anyMatch(line -> line.startsWith("done "));
        assertThat(isDone || puts == n).as(String.join("\n", said)).isTrue();
        return !isDone;
    }

    private List<BaseBackup> backups() {
        return Backups.list(cluster.store(), cluster.layout());
    }

    /** Names and sizes in a backup's folder. */
    private Map<String, Long> folder(BaseBackup backup) {
        String folder = cluster.layout().backupFolder(backup.id());
        Map<String, Long> objects = new HashMap<>();
        for (ListedObject object : cluster.store().list(folder)) {
            objects.put(object.key().substring(folder.length()), object.size());
        }
        return objects;
    }

    private Set<String> keys() {
        Set<String> keys = new HashSet<>();
        cluster.store()
                .list(cluster.layout().backupsFolder())
                .forEach(object -> keys.add(object.key()));
        return keys;
    }

    private void assertWhole(BaseBackup backup) {
        Map<String, Long> there = folder(backup);
        Map<String, Long> named = new HashMap<>();
        backup.objects().forEach(object -> named.put(object.name(), object.size()));
        assertThat(there).containsAllEntriesOf(named);
    }

    @Test
    void no_half_backup_is_listed_and_the_next_run_takes_over() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int completed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            boolean isKilled = isKilledAt(1 + random.nextInt(90));
            // Killed while it puts the mark, it may have completed all the same.
            completed += isKilled ? 0 : 1;
            assertThat(backups())
                    .as("seed %d, round %d", seed, round)
                    .hasSizeBetween(completed, completed + 1)
                    .allSatisfy(this::assertWhole);
            completed = backups().size();
            cluster.sql("INSERT INTO busy SELECT generate_series(1, 1000); CHECKPOINT");
        }
        String kept = cluster.sql(KEPT);
        // What the last round has left is so nearly complete that the next run might put its mark.
        assertThat(isKilledAt(Integer.MAX_VALUE)).isFalse();
        completed = backups().size();
        assertThat(isKilledAt(25)).isTrue();
        Set<String> before = keys();

        assertThat(isKilledAt(Integer.MAX_VALUE)).isFalse();

        BaseBackup last = backups().getLast();
        assertThat(backups()).hasSize(completed + 1);
        String folder = cluster.layout().backupFolder(last.id());
        assertThat(last.objects().stream().map(BackupObject::name))
                .as("seed %d: objects of the killed run", seed)
                .filteredOn(name -> before.contains(folder + name))
                .hasSizeGreaterThan(3);
        assertThat(folder(last).keySet())
                .hasSize(last.objects().size() + 2)
                .contains("backup.json", "backup.json.sha256");
        RestoredCopy.of(cluster, last, "restored")
                .started(port -> {
                    assertThat(TestCluster.sql(port, KEPT)).isEqualTo(kept);
                    RestoredCopy.checkAll(port);
                });
    }

    /** Not only where an object is put: also while it starts, scans, reads and ends. */
    @Test
    void killed_at_any_moment_it_leaves_nothing_that_keeps_the_next_run_from_a_good_backup()
            throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long began = System.nanoTime();
        assertThat(isKilledAfter(Long.MAX_VALUE)).isFalse();
        long whole = System.nanoTime() - began;
        int completed = 1;
        int killed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            boolean isKilled = isKilledAfter(random.nextLong(whole));
            killed += isKilled ? 1 : 0;
            assertThat(backups())
                    .as("seed %d, round %d", seed, round)
                    .hasSizeBetween(completed + (isKilled ? 0 : 1), completed + 1)
                    .allSatisfy(this::assertWhole);
            completed = backups().size();
            cluster.sql("INSERT INTO busy SELECT generate_series(1, 1000); CHECKPOINT");
        }
        assertThat(killed).as("seed %d: rounds that were killed", seed).isPositive();
        String kept = cluster.sql(KEPT);

        assertThat(isKilledAfter(Long.MAX_VALUE)).as("seed %d", seed).isFalse();

        assertThat(backups()).as("seed %d", seed).hasSize(completed + 1);
        RestoredCopy.of(cluster, backups().getLast(), "any-moment")
                .started(port -> {
                    assertThat(TestCluster.sql(port, KEPT)).as("seed %d", seed).isEqualTo(kept);
                    RestoredCopy.checkAll(port);
                });
    }

    /** Kills the process so long after its start; false if it ended before, with a backup. */
    private boolean isKilledAfter(long nanos) throws Exception {
        Process process = BackupProcess.begin(cluster, HEAP);
        try (BufferedReader lines = process.inputReader()) {
            boolean isEnded = process.waitFor(nanos, TimeUnit.NANOSECONDS);
            if (!isEnded) {
                process.destroyForcibly().waitFor();
                return true;
            }
            List<String> said = lines.lines().toList();
            assertThat(process.exitValue()).as(String.join("\n", said)).isZero();
            return false;
        } finally {
            process.destroyForcibly();
        }
    }
}
