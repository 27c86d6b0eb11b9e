package io.matriarch.archiver.push;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

class DirectoryRaceTest extends RacingWriters {

    @Override
    ObjectStore openStore() {
        try {
            return ObjectStore.open(
                    StoreSettings.of(
                            new StoreLocation.Directory(
                                    Files.createDirectory(directory.resolve("store")))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
