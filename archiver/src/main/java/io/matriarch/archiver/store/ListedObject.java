package io.matriarch.archiver.store;

import java.time.Instant;

/**
 * An object as a listing shows it.
 *
 * @param size in bytes
 */
public record ListedObject(String key, long size, Instant lastModified) {}
