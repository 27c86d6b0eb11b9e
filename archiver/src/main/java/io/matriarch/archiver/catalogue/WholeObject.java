package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A small object, read at once. That one of them cannot be had says nothing about the store, nor
 * about the others: it is told as a fault of this object, by which nothing else must be stopped.
 */
public final class WholeObject {

    private WholeObject() {}

    /**
     * Its bytes; empty if there is no such object.
     *
     * @throws RepositoryException if it must be thawed, or its content always breaks off
     * @throws StoreException if the store gives no answer
     */
    public static Optional<byte[]> read(ObjectStore store, String key) {
        try (InputStream content = open(store, key)) {
            return content == null ? Optional.empty() : Optional.of(content.readAllBytes());
        } catch (IOException e) {
            throw new RepositoryException(
                    key,
                    "its content breaks off: " + e.getMessage(),
                    "look at the store; if it stays so, put the object back from another copy of"
                            + " the repository",
                    e);
        }
    }

    private static @Nullable InputStream open(ObjectStore store, String key) {
        try {
            return store.get(key).orElse(null);
        } catch (StoreException e) {
            Optional<StorageClass> cold =
                    e.isTransient()
                            ? Optional.empty()
                            : store.head(key)
                                    .map(StoredObject::storage)
                                    .filter(it -> !it.isReadable());
            if (cold.isEmpty()) {
                throw e;
            }
            throw new RepositoryException(
                    key,
                    "must be thawed before it can be read: it lies in " + cold.get().name(),
                    "ask the store to thaw it (S3: restore-object), and keep the rule that moved it"
                            + " away from such objects",
                    e);
        }
    }
}
