package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.BrokenListing;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BrokenFetchSpoolTest {

    @TempDir private Path directory;

    @Test
    void a_listing_that_breaks_off_is_trouble_of_the_disk() throws Exception {
        try (BrokenListing listing = new BrokenListing()) {
            Files.createSymbolicLink(directory.resolve("fetch"), listing.directory());
            FetchSpool spool = new FetchSpool(directory);
            listing.breakOff();

            for (ThrowingCallable look : new ThrowingCallable[] {spool::look, spool::clear}) {
                assertThatThrownBy(look)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("Invalid argument");
            }
        }
    }
}
