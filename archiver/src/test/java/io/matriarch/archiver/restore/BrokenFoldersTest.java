package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.BrokenListing;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.RunningServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails while a folder of the target is listed is trouble of the target. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BrokenFoldersTest {

    @TempDir private Path directory;
    private BrokenListing listing;

    @BeforeEach
    void break_a_listing() throws Exception {
        listing = new BrokenListing();
        listing.breakOff();
    }

    @AfterEach
    void tidy() throws IOException {
        listing.close();
    }

    private Path broken(String name) throws IOException {
        Path link = directory.resolve(name);
        Files.createDirectories(link.getParent());
        return Files.createSymbolicLink(link, listing.directory());
    }

    @Test
    void what_a_restore_has_left() throws IOException {
        broken("pg_wal/matriarch");
        RestoreFolder folder = new RestoreFolder(new RestoredFiles(directory, Optional.empty()));

        assertThatThrownBy(folder::empty)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Invalid argument");
    }

    @Test
    void what_the_backup_does_not_have() throws IOException {
        broken("pg_wal");
        Leftovers leftovers = new Leftovers(directory, Map.of(), 15);

        assertThatThrownBy(leftovers::remove)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Invalid argument");
    }

    @Test
    void what_lies_in_a_tablespace() throws IOException {
        broken("pg_tblspc/16384");
        Leftovers leftovers = new Leftovers(directory, Map.of(), 15);

        assertThatThrownBy(leftovers::remove)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Invalid argument");
    }

    @Test
    void the_links_of_the_tablespaces() throws IOException {
        broken("pg_tblspc");
        ExistingDirectory existing = new ExistingDirectory(directory, new RunningServers(Set.of()));

        assertTrouble(existing::tablespaces);
    }

    @Test
    void the_target_itself() throws IOException {
        Path target = broken("target");

        assertTrouble(() -> new DataDirectory(target).isEmpty());
    }

    private static void assertTrouble(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Invalid argument");
    }
}
