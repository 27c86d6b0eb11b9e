package io.matriarch.sidecar.assembly;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room for WAL.
 *
 * @param free bytes that may still be written
 * @param total 0 if unknown
 */
record WalVolume(long free, long total) {

    static final WalVolume UNKNOWN = new WalVolume(0, 0);

    /** Of the file system on which {@code pg_wal} lies, wherever that leads. */
    static WalVolume of(Path dataDirectory) {
        Path wal = dataDirectory.resolve("pg_wal");
        if (!Files.isDirectory(wal)) {
            return UNKNOWN;
        }
        try {
            FileStore volume = Files.getFileStore(wal);
            return new WalVolume(volume.getUsableSpace(), volume.getTotalSpace());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
