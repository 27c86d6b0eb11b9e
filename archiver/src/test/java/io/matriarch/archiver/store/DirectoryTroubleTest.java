package io.matriarch.archiver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that can be opened, and fails while it is read. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryTroubleTest {

    @TempDir Path repository;
    private BrokenListing listing;
    private ObjectStore store;

    @BeforeEach
    void a_store() throws Exception {
        listing = new BrokenListing();
        store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
    }

    @AfterEach
    void ended() throws Exception {
        listing.close();
    }

    @Test
    void a_listing_that_breaks_off_is_trouble_and_not_a_short_listing() throws Exception {
        Files.createSymbolicLink(repository.resolve("a"), listing.directory());
        List<String> seen = new ArrayList<>();

        assertTrouble(
                "cannot list " + repository.resolve("a/"),
                () ->
                        store.each(
                                Listing.of("a/"),
                                object -> {
                                    seen.add(object.key());
                                    listing.breakOff();
                                }));
        assertThat(seen).isNotEmpty();
    }

    @Test
    void a_folder_below_that_cannot_be_listed_is_trouble_too() throws Exception {
        Files.createDirectory(repository.resolve("a"));
        Files.createSymbolicLink(repository.resolve("a/b"), listing.directory());
        listing.breakOff();

        assertTrouble("cannot list", () -> store.list("a/"));
        assertTrouble("cannot list", () -> store.listFolders(""));
        assertTrouble("cannot list", () -> store.listFolders("a/b/"));
    }

    /** In a copy of a repository, files of metadata are looked for by listing them. */
    @Test
    void a_folder_of_metadata_that_cannot_be_listed_is_trouble() throws Exception {
        Files.createDirectory(repository.resolve("a"));
        Files.writeString(repository.resolve("a/b"), "x");
        Files.createDirectory(repository.resolve(".metadata"));
        Files.createSymbolicLink(repository.resolve(".metadata/a"), listing.directory());
        listing.breakOff();

        assertTrouble("cannot read " + repository.resolve("a/b"), () -> store.head("a/b"));
        assertTrouble(
                "cannot delete " + repository.resolve("a/b"), () -> store.delete(List.of("a/b")));
    }

    @Test
    void unfinished_writes_that_cannot_be_listed_are_trouble() throws Exception {
        Files.createSymbolicLink(repository.resolve(".incoming"), listing.directory());
        listing.breakOff();

        assertTrouble("cannot tidy", () -> store.discardUnfinished("", Instant.now()));
    }

    /** As one is in a folder whose names may be read and nothing else, for any user but root. */
    @Test
    void an_entry_of_which_nothing_can_be_told_is_trouble_and_not_passed_over() throws Exception {
        Files.createSymbolicLink(repository.resolve("a"), Path.of("a"));

        assertThatThrownBy(() -> store.list(""))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot list");
        assertThatThrownBy(() -> store.listFolders(""))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot list");
    }

    /** As one is whose volume has become read-only: what was begun cannot be removed either. */
    @Test
    void a_write_that_cannot_be_tidied_up_after_is_the_stores_trouble_and_not_the_bodys()
            throws Exception {
        Files.createFile(repository.resolve(".incoming"));

        assertThatThrownBy(() -> store.putIfAbsent("a/b", Body.of(new byte[] {'x'}), Metadata.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot write " + repository.resolve("a/b"));
    }

    private static void assertTrouble(String what, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        it -> {
                            assertThat(it)
                                    .hasMessageContaining(what)
                                    .hasMessageContaining("Invalid argument")
                                    .hasMessageNotContaining("DirectoryIteratorException");
                            assertThat(it.isTransient()).isTrue();
                        });
    }
}
