package io.matriarch.archiver.store;

import java.time.Instant;

/**
 * An object as a listing shows it.
 *
 * @param size in bytes
 * @param storage where a listing leaves open whether it can be read, {@link ObjectStore#head} tells
 */
public record ListedObject(String key, long size, Instant lastModified, StorageClass storage) {

    /** An object in the usual storage. */
    public ListedObject(String key, long size, Instant lastModified) {
        this(key, size, lastModified, StorageClass.USUAL);
    }
}
