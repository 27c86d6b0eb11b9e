package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.s3.DoubleTraits;
import io.matriarch.archiver.s3.Fault;
import io.matriarch.archiver.s3.FaultProxy;
import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The archiver, and a service that answers 200 and keeps only half of what it was sent. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DamagingStoreTest {

    private static final int SEGMENTS = 5;

    @TempDir Path directory;
    private S3Double server;
    private FaultProxy proxy;
    private FakeWal wal;

    @BeforeEach
    void a_service_and_a_log() throws IOException {
        server = S3Double.start(DoubleTraits.AMAZON);
        proxy = FaultProxy.before(server.settings("it"));
        wal = new FakeWal(directory.resolve("data"));
        for (int number = 1; number <= SEGMENTS; number++) {
            wal.writeSegment(file(number), number);
            wal.ready(file(number));
        }
    }

    @AfterEach
    void closed() {
        proxy.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&checksums=when-supported", "&sse=kms"})
    void half_a_segment_is_never_confirmed_and_is_replaced(String options) {
        AtomicInteger uploads = new AtomicInteger();
        server.bucket()
                .damage((_, content) ->
                        uploads.getAndIncrement() % 2 == 0
                                ? Arrays.copyOf(content, content.length / 2)
                                : content);
        try (ObjectStore store = ObjectStore.open(server.settings("it", options));
                WalArchiver archiver = archiver(store)) {
            archiver.start();

            Set<Integer> confirmed = new HashSet<>();
            eventually(() -> {
                for (int number = 1; number <= SEGMENTS; number++) {
                    if (!confirmed.contains(number) && Files.exists(word(number))) {
                        assertThat(archived(store, number)).isEqualTo(written(number));
                        confirmed.add(number);
                    }
                }
                assertThat(archiver.status().mood()).isNotEqualTo(Mood.CONFLICT);
                assertThat(confirmed).hasSize(SEGMENTS);
            });
            assertThat(uploads).hasValueGreaterThan(SEGMENTS);
        }
    }

    /** Nobody knows of it but the object itself, which says of its content what it should be. */
    @Test
    void half_a_segment_whose_answer_was_lost_is_found_when_it_is_met_again() {
        server.bucket()
                .damage((key, content) ->
                        key.contains("/wal/")
                                ? Arrays.copyOf(content, content.length / 2)
                                : content);
        Set<String> lost = ConcurrentHashMap.newKeySet();
        proxy.faults(passing ->
                passing.is(Operation.PUT_OBJECT)
                                && passing.isOf(".zst")
                                && lost.add(passing.target())
                        ? new Fault.LoseAnswer()
                        : Fault.NONE);
        StoreSettings settings = proxy.through(server.settings("it"));
        try (ObjectStore store = ObjectStore.open(settings.withPatience(Duration.ofMillis(200)));
                WalArchiver archiver = archiver(store)) {
            archiver.start();

            eventually(() -> {
                assertThat(archiver.status().mood()).isEqualTo(Mood.CONFLICT);
                assertThat(archiver.status().problem().orElseThrow())
                        .satisfies(it -> {
                            assertThat(it.message()).contains("is damaged");
                            assertThat(it.hint())
                                    .contains("damaged", "move that object away")
                                    .doesNotContain("another writer");
                        });
            });
            for (int number = 1; number <= SEGMENTS; number++) {
                assertThat(word(number)).doesNotExist();
            }
        }
    }

    private WalArchiver archiver(ObjectStore store) {
        return new WalArchiver(
                PushSettings.of(
                        PushProcess.LAYOUT,
                        FakeWal.SIZE,
                        "node1",
                        wal.data(),
                        directory.resolve("spool")),
                store,
                () -> Optional.of(new WriterEpoch(5)));
    }

    private byte[] archived(ObjectStore store, int number) throws IOException {
        Path copy = directory.resolve("copy");
        new ArchivedWal(store, PushProcess.LAYOUT, FakeWal.SIZE)
                .fetch(WalName.tryParse(file(number)).orElseThrow(), copy);
        return Files.readAllBytes(copy);
    }

    private byte[] written(int number) throws IOException {
        return Files.readAllBytes(wal.data().resolve("pg_wal").resolve(file(number)));
    }

    private Path word(int number) {
        return directory.resolve("spool").resolve("push").resolve(file(number) + ".ok");
    }

    private static String file(int number) {
        return "%08X%08X%08X".formatted(1, 0, number);
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
