package io.matriarch.archiver.catalogue;

/**
 * A directory that the backup recreates, also when it is empty.
 *
 * @param mode permission bits, in octal as in {@code chmod}
 */
public record DataFolder(String path, String mode) {}
