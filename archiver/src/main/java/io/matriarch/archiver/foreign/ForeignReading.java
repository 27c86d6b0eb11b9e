package io.matriarch.archiver.foreign;

import io.matriarch.archiver.codec.CodecException;
import io.matriarch.archiver.codec.PackedObject;
import io.matriarch.archiver.readback.Download;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.store.ObjectStore;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads objects, unpacked, and names those that are bad. */
final class ForeignReading {

    private final ObjectStore store;
    private final Download download;

    ForeignReading(ObjectStore store) {
        this.store = store;
        this.download = new Download(store);
    }

    ObjectStore store() {
        return store;
    }

    /**
     * What an object holds; perhaps from the beginning again, if the store breaks off.
     *
     * @throws RestoreException if it is missing, damaged or encrypted
     */
    <T> T read(String key, Download.Reading<T> reading) {
        return download.read(
                key,
                stored -> {
                    try {
                        return reading.read(PackedObject.plain(key, stored));
                    } catch (CodecException e) {
                        if (e.isEncrypted()) {
                            throw encrypted(key, e);
                        }
                        throw e;
                    }
                });
    }

    static RestoreException encrypted(String key, CodecException e) {
        return new RestoreException(
                "object " + key + ": " + e.getMessage() + " (expected: no encryption)",
                "encryption is not undone here: decrypt a copy of the repository with the keys of"
                        + " the tool that wrote it, and restore from the copy",
                e);
    }

    /** A small object that may be absent, as text. */
    Optional<String> text(String key) {
        if (store.head(key).isEmpty()) {
            return Optional.empty();
        }
        byte[] content = read(key, InputStream::readAllBytes);
        return Optional.of(new String(content, StandardCharsets.UTF_8));
    }
}
