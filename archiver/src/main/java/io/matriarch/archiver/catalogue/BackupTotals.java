package io.matriarch.archiver.catalogue;

import java.time.Instant;

/**
 * What a backup amounts to.
 *
 * @param bytes of the files
 * @param storedBytes of the objects
 * @param completed when the last object was confirmed, of the clock of the host that took the
 *     backup
 */
public record BackupTotals(long files, long bytes, long storedBytes, Instant completed) {}
