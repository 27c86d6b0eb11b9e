package io.matriarch.archiver.catalogue;

/**
 * An object of a backup, as the store confirmed it.
 *
 * @param name within the backup's folder
 * @param size in bytes, as stored
 * @param sha256 of the stored bytes, in lower-case hexadecimal
 */
public record BackupObject(String name, long size, String sha256) {}
