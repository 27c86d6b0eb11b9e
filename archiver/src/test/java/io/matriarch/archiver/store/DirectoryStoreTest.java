package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.directory.DirectoryStore;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest extends ObjectStoreContract {

    @TempDir Path directory;
    @TempDir Path copy;

    @Override
    protected ObjectStore open() {
        return ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(directory)));
    }

    @Test
    void a_directory_that_is_missing_is_not_taken_for_an_empty_store() {
        Path typo = directory.resolve("typo");
        ObjectStore elsewhere =
                ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(typo)));

        assertTrouble(elsewhere, "typo does not exist");
        assertThat(typo).doesNotExist();
    }

    @Test
    void a_directory_that_comes_after_the_store_was_opened_is_used() throws IOException {
        Path mount = directory.resolve("mount");
        ObjectStore store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(mount)));
        assertThatThrownBy(() -> store.list("")).isInstanceOf(StoreException.class);

        Files.createDirectory(mount);

        assertThat(store.putIfAbsent("a", body("x"), Metadata.NONE))
                .isEqualTo(new PutOutcome.Stored());
        assertThat(store.head("a")).isPresent();
    }

    @Test
    void a_directory_that_cannot_be_read_is_not_called_missing() throws IOException {
        Path loop = directory.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        Path file = Files.createFile(directory.resolve("file"));

        // As with a missing permission, which a test that root runs would not lack.
        assertTrouble(DirectoryStore.open(loop), "loop cannot be read: ");
        assertTrouble(DirectoryStore.open(file), "file is not a directory");
    }

    private void assertTrouble(ObjectStore broken, String words) {
        List<ThrowingCallable> calls =
                List.of(
                        () -> broken.get("a"),
                        () -> broken.head("a"),
                        () -> broken.list(""),
                        () -> broken.listFolders(""),
                        () -> broken.delete(List.of("a")),
                        () -> broken.putIfAbsent("a", body("x"), Metadata.NONE));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(StoreException.class).hasMessageContaining(words);
        }
    }

    @Test
    void a_directory_that_goes_away_is_trouble_and_not_an_empty_answer() throws IOException {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        ObjectStore store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(mount)));
        Files.delete(mount);

        assertThatThrownBy(() -> store.get("a")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.list("")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.putIfAbsent("a", body("x"), Metadata.NONE))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void a_copy_of_the_directory_keeps_the_metadata() throws IOException {
        store().putIfAbsent("a/b", body("x"), Metadata.of(Map.of("writer", "node1")));

        copyTree(directory, copy);

        try (ObjectStore copied =
                ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(copy)))) {
            assertThat(copied.head("a/b").orElseThrow().metadata().value("writer"))
                    .contains("node1");
        }
    }

    @Test
    void what_a_crash_left_behind_is_not_listed() throws IOException {
        Files.createDirectories(directory.resolve(".incoming"));
        Files.writeString(directory.resolve(".incoming/half"), "half");

        assertThat(store().list("")).isEmpty();
        assertThat(store().listFolders("")).isEmpty();
    }

    @Test
    void what_a_crash_left_behind_is_removed_once_it_is_old() throws IOException {
        Path incoming = Files.createDirectories(directory.resolve(".incoming"));
        Instant now = Instant.now();
        Files.writeString(incoming.resolve("under-way"), "half");
        Files.writeString(incoming.resolve("left"), "half");
        Files.setLastModifiedTime(
                incoming.resolve("left"), FileTime.from(now.minus(Duration.ofDays(8))));
        store().putIfAbsent("a/b", body("x"), Metadata.NONE);

        int discarded = store().discardUnfinished("", now.minus(Duration.ofDays(7)));

        assertThat(discarded).isEqualTo(1);
        assertThat(incoming.resolve("under-way")).exists();
        assertThat(incoming.resolve("left")).doesNotExist();
        assertThat(store().head("a/b")).isPresent();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Path target = to.resolve(from.relativize(file));
                        Files.createDirectories(target.getParent());
                        Files.copy(file, target);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
