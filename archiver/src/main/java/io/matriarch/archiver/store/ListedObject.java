package io.matriarch.archiver.store;

import java.time.Instant;
import java.util.Collection;

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

    /** When the last of them was stored; long ago if there are none. */
    public static Instant lastArrival(Collection<ListedObject> objects) {
        return objects.stream()
                .map(ListedObject::lastModified)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }
}
