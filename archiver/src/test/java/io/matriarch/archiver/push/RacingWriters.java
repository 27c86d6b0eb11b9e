package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoredObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers that both think they are the primary, and one archive. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class RacingWriters {

    private static final int ROUNDS = 30;
    private static final WriterEpoch EPOCH = new WriterEpoch(5);
    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);

    @TempDir Path directory;
    private ObjectStore store;

    abstract ObjectStore openStore();

    @BeforeEach
    void open_the_store() {
        store = openStore();
    }

    @AfterEach
    void close_the_store() {
        store.close();
    }

    private record Writer(String name, FakeWal wal, WalUpload upload) implements AutoCloseable {

        @Override
        public void close() {
            upload.close();
        }
    }

    private Writer writer(String name) throws Exception {
        FakeWal wal = new FakeWal(Files.createDirectory(directory.resolve(name)));
        PushSettings settings =
                PushSettings.of(
                        LAYOUT, FakeWal.SIZE, name, wal.data(), directory.resolve(name + "-spool"));
        return new Writer(name, wal, new WalUpload(settings, store, () -> Optional.of(EPOCH)));
    }

    @Test
    void one_wins_the_other_is_told_and_nothing_is_overwritten() throws Exception {
        try (Writer one = writer("node1");
                Writer two = writer("node2");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 1; round <= ROUNDS; round++) {
                String file = "%08X%08X%08X".formatted(1, 0, round);
                one.wal().writeSegment(file, round);
                two.wal().writeSegment(file, -round);

                List<UploadOutcome> outcomes = race(threads, file, one, two);

                StoredObject stored = store.head(LAYOUT.wal(name(file))).orElseThrow();
                boolean isOnes = stored.metadata().value("writer").equals(Optional.of("node1"));
                assertThat(outcomes.get(isOnes ? 0 : 1))
                        .isEqualTo(new UploadOutcome.Archived(FakeWal.SIZE.bytes()));
                String winner = sha256(one, two, isOnes, file);
                String loser = sha256(one, two, !isOnes, file);
                assertThat(outcomes.get(isOnes ? 1 : 0))
                        .isInstanceOfSatisfying(
                                UploadOutcome.Conflicting.class,
                                conflict ->
                                        assertThat(conflict.reason())
                                                .contains(
                                                        winner, loser, isOnes ? "node1" : "node2"));
                // The loser may ask as often as it likes.
                UploadOutcome again = (isOnes ? two : one).upload().upload(name(file), EPOCH);
                assertThat(again).isInstanceOf(UploadOutcome.Conflicting.class);
                assertThat(
                                store.head(LAYOUT.wal(name(file)))
                                        .orElseThrow()
                                        .metadata()
                                        .value("content-sha256"))
                        .contains(winner);
            }
        }
    }

    private static List<UploadOutcome> race(
            ExecutorService threads, String file, Writer one, Writer two) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        List<Callable<UploadOutcome>> both = new ArrayList<>();
        for (Writer writer : List.of(one, two)) {
            both.add(() -> {
                start.await();
                return writer.upload().upload(name(file), EPOCH);
            });
        }
        List<UploadOutcome> outcomes = new ArrayList<>();
        for (Future<UploadOutcome> outcome : threads.invokeAll(both)) {
            outcomes.add(outcome.get());
        }
        return outcomes;
    }

    private static String sha256(Writer one, Writer two, boolean ofFirst, String file)
            throws Exception {
        Path segment = (ofFirst ? one : two).wal().data().resolve("pg_wal").resolve(file);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(segment)));
    }

    private static WalName name(String file) {
        return WalName.tryParse(file).orElseThrow();
    }
}
