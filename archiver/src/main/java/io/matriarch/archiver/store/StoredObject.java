package io.matriarch.archiver.store;

import java.time.Instant;

/**
 * An object as the store describes it.
 *
 * @param size in bytes
 */
public record StoredObject(String key, long size, Instant lastModified, Metadata metadata) {}
