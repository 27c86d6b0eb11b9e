package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.BrokenListing;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BrokenPushSpoolTest {

    @TempDir private Path directory;

    @Test
    void a_listing_that_breaks_off_is_trouble_of_the_disk() throws Exception {
        try (BrokenListing listing = new BrokenListing()) {
            Files.createSymbolicLink(directory.resolve("push"), listing.directory());
            PushSpool spool = new PushSpool(directory);
            listing.breakOff();

            assertThatThrownBy(() -> spool.forgetAllBut(Set.of()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Invalid argument");
        }
    }
}
