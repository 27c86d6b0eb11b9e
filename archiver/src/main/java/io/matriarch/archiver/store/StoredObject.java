package io.matriarch.archiver.store;

import java.time.Instant;

/**
 * An object as the store describes it.
 *
 * @param size in bytes
 * @param storage never {@link StorageClass.Access#UNTOLD}
 */
public record StoredObject(
        String key, long size, Instant lastModified, Metadata metadata, StorageClass storage) {

    /** An object in the usual storage. */
    public StoredObject(String key, long size, Instant lastModified, Metadata metadata) {
        this(key, size, lastModified, metadata, StorageClass.USUAL);
    }
}
