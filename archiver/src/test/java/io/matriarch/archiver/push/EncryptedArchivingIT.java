package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Members that write and read an encrypted archive do all that they do with another. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EncryptedArchivingIT extends ArchivingScenarios {

    @Override
    ObjectStore openStore() {
        try {
            return ObjectStore.open(
                    StoreSettings.of(
                            new StoreLocation.Directory(
                                    Files.createDirectory(directory.resolve("store")))),
                    TestKey.create().both());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void no_segment_is_stored_as_it_is() throws IOException {
        awaitArchived(writeSegment(1));

        assertThat(store.list(layout.walFolder()))
                .isNotEmpty()
                .extracting(ListedObject::key)
                .allSatisfy(key -> {
                    try (InputStream stored = store.get(key).orElseThrow()) {
                        assertThat(new String(stored.readNBytes(21), StandardCharsets.US_ASCII))
                                .isEqualTo("age-encryption.org/v1");
                    }
                });
    }
}
