package io.matriarch.archiver.store.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.host.DurableFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered is on disk, whoever put it there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DurableNamesTest {

    private static final String KEY = "wal/00000001/00000001000000000000000A";
    private static final Path NOTHING = Path.of("nothing");

    @TempDir Path root;

    /** A disk that notes what it is asked to keep, and fails for one folder. */
    private static final class FaultyDisk implements DurableNames.Disk {

        private final List<Path> synced = new ArrayList<>();
        private Path broken = NOTHING;

        @Override
        public void syncFolder(Path folder) throws IOException {
            if (folder.equals(broken)) {
                throw new IOException("Input/output error");
            }
            DurableFiles.syncFolder(folder);
            synced.add(folder);
        }
    }

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void a_name_that_could_not_be_written_down_is_not_acknowledged_by_the_next_try() {
        DirectoryStore store = new DirectoryStore(root, disk);
        store.putIfAbsent("wal/00000001/before", body("b"), Metadata.NONE);

        disk.broken = root.resolve("wal/00000001");
        assertFails(store, body("x"));
        assertThat(root.resolve(KEY)).as("linked, if not on disk").exists();
        assertFails(store, body("x"));

        disk.broken = NOTHING;
        disk.synced.clear();
        assertThat(store.putIfAbsent(KEY, body("x"), Metadata.NONE))
                .isInstanceOf(PutOutcome.AlreadyThere.class);
        assertThat(disk.synced).contains(root.resolve("wal/00000001"));
    }

    @Test
    void a_process_that_died_before_its_name_was_written_down_is_not_trusted() {
        new DirectoryStore(root, folder -> {}).putIfAbsent(KEY, body("x"), Metadata.NONE);

        PutOutcome again =
                new DirectoryStore(root, disk).putIfAbsent(KEY, body("x"), Metadata.NONE);

        assertThat(again).isInstanceOf(PutOutcome.AlreadyThere.class);
        assertThat(disk.synced)
                .containsExactly(root, root.resolve("wal"), root.resolve("wal/00000001"));
    }

    @Test
    void who_loses_a_race_for_a_key_answers_for_the_winners_name() {
        DirectoryStore store = new DirectoryStore(root, disk);
        Body overtaken =
                new Body() {
                    @Override
                    public long length() {
                        return 1;
                    }

                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        DirectoryStore winner = new DirectoryStore(root, folder -> {});
                        winner.putIfAbsent(KEY, body("x"), Metadata.NONE);
                        out.write('x');
                        disk.broken = root.resolve("wal/00000001");
                    }
                };

        store.putIfAbsent("wal/00000001/before", body("b"), Metadata.NONE);

        assertFails(store, overtaken);
    }

    @Test
    void the_name_of_a_folder_that_was_there_is_written_down_before_what_lies_in_it()
            throws IOException {
        Files.createDirectories(root.resolve(KEY).getParent());
        DirectoryStore store = new DirectoryStore(root, disk);

        disk.broken = root;
        assertFails(store, body("x"));
        assertThat(root.resolve(KEY)).doesNotExist();

        disk.broken = NOTHING;
        assertThat(store.putIfAbsent(KEY, body("x"), Metadata.NONE))
                .isEqualTo(new PutOutcome.Stored());
    }

    @Test
    void what_is_seen_in_a_folder_can_be_made_durable() {
        new DirectoryStore(root, folder -> {}).putIfAbsent(KEY, body("x"), Metadata.NONE);
        DirectoryStore store = new DirectoryStore(root, disk);

        store.settle("wal/00000001/");
        store.settle("nothing/of/this/name/");

        assertThat(disk.synced)
                .containsExactly(root, root.resolve("wal"), root.resolve("wal/00000001"));
    }

    @Test
    void a_root_that_goes_away_meanwhile_is_not_made_up() throws IOException {
        Path store = Files.createDirectory(root.resolve("store"));
        Path away = root.resolve("away");
        DirectoryStore gone =
                new DirectoryStore(
                        store,
                        folder -> {
                            if (Files.exists(store.resolve("wal"))) {
                                Files.move(store, away);
                            }
                        });

        assertThatThrownBy(() -> gone.putIfAbsent(KEY, body("x"), Metadata.NONE))
                .isInstanceOf(StoreException.class);

        assertThat(store).doesNotExist();
    }

    @Test
    void a_key_that_cannot_be_given_leaves_nothing_beside() throws IOException {
        DirectoryStore store =
                new DirectoryStore(
                        root,
                        folder -> {
                            if (folder.startsWith(root.resolve(".metadata/wal"))) {
                                removeIncoming();
                            }
                        });

        assertThatThrownBy(() -> store.putIfAbsent(KEY, body("x"), Metadata.NONE))
                .isInstanceOf(StoreException.class);

        try (Stream<Path> left = Files.walk(root)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private void removeIncoming() throws IOException {
        try (DirectoryStream<Path> incoming = Files.newDirectoryStream(root.resolve(".incoming"))) {
            for (Path file : incoming) {
                Files.delete(file);
            }
        }
    }

    @Test
    void what_is_known_to_be_on_disk_costs_no_second_sync() {
        DirectoryStore store = new DirectoryStore(root, disk);
        store.putIfAbsent(KEY, body("x"), Metadata.NONE);
        disk.synced.clear();

        store.putIfAbsent(KEY + ".partial", body("x"), Metadata.NONE);

        assertThat(disk.synced)
                .containsExactly(
                        root.resolve(".metadata/wal/00000001"), root.resolve("wal/00000001"));
    }

    private static void assertFails(DirectoryStore store, Body body) {
        assertThatThrownBy(() -> store.putIfAbsent(KEY, body, Metadata.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Input/output error");
    }

    private static Body body(String text) {
        return Body.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
