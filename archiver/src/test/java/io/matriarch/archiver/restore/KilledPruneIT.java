package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.marks.Tombstones;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Planning;
import io.matriarch.archiver.planning.RestorePlanner;
import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.WalSegment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A process that prunes and is killed, by SIGKILL, at random points. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledPruneIT {

    private static final int ROUNDS = 12;
    private static final int BACKUPS = 5;

    private TestCluster cluster;
    private RepositoryLayout layout;
    private Restores restores;
    private List<BaseBackup> kept;
    private BaseBackup newest;

    @BeforeAll
    void a_cluster_with_backups_of_which_one_is_pinned() throws Exception {
        cluster = TestCluster.start();
        layout = cluster.layout();
        restores = new Restores(cluster);
        cluster.sql("CREATE TABLE steps (at int)");
        List<BaseBackup> taken = new ArrayList<>();
        for (int step = 0; step < BACKUPS; step++) {
            cluster.sql("INSERT INTO steps SELECT generate_series(1, 20000)");
            taken.add(restores.backup("step"));
        }
        restores.archiveAll();
        new Pins(cluster.store(), layout)
                .pin(new Pin(taken.getFirst().id(), "the first", Instant.now()));
        newest = taken.getLast();
        kept = List.of(taken.getFirst(), taken.get(BACKUPS - 2), newest);
    }

    @AfterAll
    void ended() throws Exception {
        cluster.close();
    }

    @Test
    void whatever_is_listed_is_whole_and_the_next_pruning_ends_it() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int changes = changesOfAWholePruning();
        for (int round = 0; round < ROUNDS; round++) {
            Path folder = copy("round-" + round);
            try (ObjectStore store = open(folder)) {
                // In the first half it is the catalogue that changes.
                int bound = round % 2 == 0 ? changes : changes / 3;
                for (int kill = 0; kill <= round % 3; kill++) {
                    killAt(folder, 1 + random.nextInt(bound));
                    assertThat(Backups.list(store, layout))
                            .as("seed %d, round %d", seed, round)
                            .containsAll(kept)
                            .allSatisfy(backup -> assertWhole(store, backup));
                }
                PruneChild.prune(store, layout);

                assertThat(Backups.list(store, layout))
                        .as("seed %d, round %d", seed, round)
                        .containsExactlyElementsOf(kept)
                        .allSatisfy(backup -> assertWhole(store, backup));
                assertThat(Backups.folders(store, layout)).hasSize(kept.size());
                assertThat(new Tombstones(store, layout).all()).isEmpty();
                if (round == ROUNDS - 1) {
                    assertRestores(store);
                }
            }
        }
    }

    private int changesOfAWholePruning() throws Exception {
        Path folder = copy("whole");
        int changes = killAt(folder, Integer.MAX_VALUE);
        try (ObjectStore store = open(folder)) {
            assertThat(Backups.list(store, layout)).containsExactlyElementsOf(kept);
        }
        assertThat(changes).isGreaterThan(3 * BACKUPS);
        return changes;
    }

    /** Kills when the n-th change is about to be made; returns how many there were. */
    private int killAt(Path folder, int n) throws Exception {
        Process process = PruneChild.begin(folder, layout);
        int changes = 0;
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                changes += line.startsWith(PruneChild.CHANGE) ? 1 : 0;
                if (changes == n) {
                    break;
                }
            }
        } catch (IOException endedWithTheProcess) {
            assertThat(changes).isPositive();
        } finally {
            process.destroyForcibly().waitFor();
        }
        return changes;
    }

    /** Objects are never changed, so links do. */
    private Path copy(String name) throws IOException {
        Path from = cluster.object("");
        Path folder = cluster.fresh(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = folder.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Path _ = Files.createDirectory(to);
                } else {
                    Path _ = Files.createLink(to, file);
                }
            }
        }
        return folder;
    }

    private static ObjectStore open(Path folder) {
        return ObjectStore.open(StoreSettings.of(StoreLocation.parse("file://" + folder)));
    }

    private void assertWhole(ObjectStore store, BaseBackup backup) throws IOException {
        for (BackupObject object : backup.objects()) {
            Optional<InputStream> content =
                    store.get(layout.backupFolder(backup.id()) + object.name());
            assertThat(content).as(object.name()).isPresent();
            try (InputStream in = content.get()) {
                assertThat(Sha256.hex(in.readAllBytes())).isEqualTo(object.sha256());
            }
        }
        for (WalSegment segment : backup.wal().segments(backup.server().walSegmentSize())) {
            assertThat(store.head(layout.segment(segment))).as("%s", segment).isPresent();
        }
    }

    private void assertRestores(ObjectStore store) throws Exception {
        for (BaseBackup backup : kept) {
            RestoreTarget target =
                    backup.equals(kept.getFirst())
                            ? new RestoreTarget.Immediate()
                            : new RestoreTarget.Latest();
            Planning planning =
                    new RestorePlanner(ArchiveSurvey.of(store, layout, Optional.empty()))
                            .plan(
                                    new RestoreRequest(
                                            target, Optional.empty(), Optional.of(backup.id())));
            assertThat(planning).isInstanceOf(Planning.Planned.class);
            Path directory = cluster.fresh("r" + kept.indexOf(backup));
            RestoreReport _ =
                    new RestoreRun(
                                    store,
                                    layout,
                                    ((Planning.Planned) planning).plan(),
                                    Restores.into(directory))
                            .run(TransferProgress.SILENT);
            Restores.verify(directory);
            if (backup.equals(newest)) {
                Restores.started(
                        directory,
                        port ->
                                assertThat(TestCluster.sql(port, "SELECT count(*) FROM steps"))
                                        .isEqualTo(Integer.toString(BACKUPS * 20_000)));
            }
        }
    }
}
