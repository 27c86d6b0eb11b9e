package io.matriarch.archiver.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalArchiverIT {

    private static final String ONE = "000000010000000000000001";
    private static final String TWO = "000000010000000000000002";
    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);

    @TempDir Path directory;
    private ObjectStore store;
    private FakeWal wal;
    private WalArchiver archiver;
    private final AtomicReference<Optional<WriterEpoch>> permission =
            new AtomicReference<>(Optional.of(new WriterEpoch(5)));

    @BeforeEach
    void start_an_archiver() throws IOException {
        Path repository = Files.createDirectory(directory.resolve("store"));
        store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
        wal = new FakeWal(directory.resolve("data"));
        archiver = open();
        archiver.start();
    }

    @AfterEach
    void stop_it() {
        archiver.close();
    }

    private WalArchiver open() {
        PushSettings settings =
                PushSettings.of(LAYOUT, FakeWal.SIZE, "node1/a", wal.data(), spool());
        return new WalArchiver(settings, store, permission::get);
    }

    private Path spool() {
        return directory.resolve("spool");
    }

    private Path word(String name) {
        return spool().resolve("push").resolve(name);
    }

    private String key(String name) {
        return LAYOUT.wal(WalName.tryParse(name).orElseThrow());
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    @Test
    void a_segment_is_confirmed_with_its_writer_and_epoch_and_reads_back_the_same()
            throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);

        eventually(() -> assertThat(word(ONE + ".ok")).exists());

        StoredObject stored = store.head(key(ONE)).orElseThrow();
        assertThat(stored.metadata().value("writer")).contains("node1/a");
        assertThat(stored.metadata().value("epoch")).contains("5");
        assertThat(stored.metadata().value("content-size")).contains("1048576");
        Path copy = directory.resolve("copy");
        new ArchivedWal(store, LAYOUT, FakeWal.SIZE)
                .fetch(WalName.tryParse(ONE).orElseThrow(), copy);
        assertThat(copy).hasSameBinaryContentAs(wal.data().resolve("pg_wal").resolve(ONE));
        assertThat(store.head(LAYOUT.epoch(5))).isPresent();
    }

    @Test
    void a_confirmation_goes_when_postgresql_has_taken_it() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(word(ONE + ".ok")).exists());

        wal.done(ONE);

        eventually(() -> assertThat(word(ONE + ".ok")).doesNotExist());
    }

    @Test
    void a_confirmation_is_withdrawn_when_the_file_becomes_another() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(word(ONE + ".ok")).exists());

        wal.writeSegment(ONE, 2);

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.CONFLICT));
        assertThat(word(ONE + ".ok")).doesNotExist();
    }

    @Test
    void what_was_archived_before_is_confirmed_again_after_a_restart() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(word(ONE + ".ok")).exists());
        archiver.close();
        Files.createFile(word(TWO + ".ok"));

        archiver = open();
        archiver.start();

        assertThat(word(TWO + ".ok")).doesNotExist();
        eventually(() -> assertThat(word(ONE + ".ok")).exists());
    }

    @Test
    void an_object_without_metadata_is_compared_by_content() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(word(ONE + ".ok")).exists());
        archiver.close();
        try (var files = Files.walk(directory.resolve("store/.metadata"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }

        archiver = open();
        archiver.start();

        eventually(() -> assertThat(word(ONE + ".ok")).exists());
    }

    @Test
    void without_permission_nothing_leaves() throws IOException {
        permission.set(Optional.empty());
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);

        eventually(() -> {
            assertThat(archiver.status().waiting()).isEqualTo(1);
            assertThat(archiver.status().mood()).isEqualTo(Mood.NOT_PERMITTED);
        });
        assertThat(store.list("")).isEmpty();

        permission.set(Optional.of(new WriterEpoch(6)));

        eventually(() -> assertThat(word(ONE + ".ok")).exists());
    }

    @Test
    void an_outdated_epoch_is_refused() throws IOException {
        store.putIfAbsent(LAYOUT.epoch(9), Body.of(new byte[0]), Metadata.NONE);
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.OUTDATED_EPOCH));

        assertThat(archiver.status().problem().orElseThrow().message())
                .isEqualTo("epoch: 5 (expected: 9 or later)");
        assertThat(store.head(key(ONE))).isEmpty();
    }

    @Test
    void beside_a_conflict_nothing_else_is_pushed() throws IOException {
        store.putIfAbsent(key(ONE), Body.of(new byte[] {1}), foreign());
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.CONFLICT));

        wal.writeSegment(TWO, 2);
        wal.ready(TWO);
        eventually(() -> assertThat(archiver.status().waiting()).isEqualTo(2));

        assertThat(Files.readString(word(ONE + ".error"))).contains("has other content");
        assertThat(store.head(key(TWO))).isEmpty();
        assertThat(store.head(key(ONE)).orElseThrow().size()).isEqualTo(1);
    }

    @Test
    void a_segment_of_another_cluster_never_leaves() throws IOException {
        wal.write(ONE, FakeWal.content(FakeWal.segment(ONE), new SystemIdentifier(8), 1));
        wal.ready(ONE);

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.DAMAGED_FILE));

        assertThat(Files.readString(word(ONE + ".error")))
                .contains("system identifier: 8 (expected: 7)");
        assertThat(store.head(key(ONE))).isEmpty();
    }

    @Test
    void a_segment_cut_short_never_leaves() throws IOException {
        wal.write(ONE, new byte[4096]);
        wal.ready(ONE);

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.DAMAGED_FILE));

        assertThat(Files.readString(word(ONE + ".error"))).contains("4096 (expected: 1048576)");
    }

    @Test
    void histories_partials_and_labels_are_archived_each_in_its_form() throws IOException {
        String partial = ONE + ".partial";
        String label = ONE + ".00000028.backup";
        wal.write(partial, FakeWal.content(FakeWal.segment(ONE), FakeWal.SYSTEM, 1));
        wal.write("00000002.history", "1\t0/1000000\tno reason\n".getBytes(UTF_8));
        wal.write(label, "START WAL LOCATION".getBytes(UTF_8));
        for (String name : new String[] {partial, label, "00000002.history"}) {
            wal.ready(name);
        }

        eventually(() -> {
            assertThat(word(partial + ".ok")).exists();
            assertThat(word(label + ".ok")).exists();
            assertThat(word("00000002.history.ok")).exists();
        });
        assertThat(store.list(LAYOUT.walFolder()))
                .extracting(o -> o.key().substring(LAYOUT.walFolder().length()))
                .containsExactly(
                        "00000001/" + label, "00000001/" + partial + ".zst", "00000002.history");
        assertThat(store.head(key("00000002.history")).orElseThrow().size()).isEqualTo(22);
    }

    private static Metadata foreign() {
        return Metadata.of(
                Map.of("content-size", "1048576", "content-sha256", "00", "writer", "node9/z"));
    }

    @Test
    void a_history_is_created_once_and_other_content_is_a_conflict() throws IOException {
        String history = "00000002.history";
        store.putIfAbsent(
                key(history), Body.of("1\t0/2000000\tx\n".getBytes(UTF_8)), Metadata.NONE);
        wal.write(history, "1\t0/1000000\tx\n".getBytes(UTF_8));
        wal.ready(history);

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.CONFLICT));

        assertThat(archiver.status().problem().orElseThrow().name()).contains(history);
        assertThat(store.get(key(history)).orElseThrow())
                .hasBinaryContent("1\t0/2000000\tx\n".getBytes(UTF_8));
    }

    @Test
    void the_same_history_again_is_confirmed() throws IOException {
        String history = "00000002.history";
        byte[] content = "1\t0/1000000\tx\n".getBytes(UTF_8);
        store.putIfAbsent(key(history), Body.of(content), Metadata.NONE);
        wal.write(history, content);
        wal.ready(history);

        eventually(() -> assertThat(word(history + ".ok")).exists());
    }

    @Test
    void what_postgresql_keeps_about_archiving_is_only_read() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        wal.writeSegment(TWO, 2);
        wal.ready(TWO);
        wal.done(TWO);
        Path status = wal.data().resolve("pg_wal/archive_status");
        FileTime before = Files.getLastModifiedTime(status);

        eventually(() -> assertThat(word(ONE + ".ok")).exists());

        assertThat(Files.getLastModifiedTime(status)).isEqualTo(before);
        try (var files = Files.list(status)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(ONE + ".ready", TWO + ".done");
        }
    }

    @Test
    void a_machine_set_back_to_a_snapshot_is_told_what_to_do() throws IOException {
        wal.writeSegment(ONE, 1);
        wal.ready(ONE);
        eventually(() -> assertThat(word(ONE + ".ok")).exists());
        archiver.close();
        wal.writeSegment(ONE, 2);

        archiver = open();
        archiver.start();

        eventually(() -> assertThat(archiver.status().mood()).isEqualTo(Mood.CONFLICT));
        assertThat(word(ONE + ".ok")).doesNotExist();
        assertThat(archiver.status().problem().orElseThrow().hint())
                .contains("snapshot", "another repository URL", "base backup");
    }
}
