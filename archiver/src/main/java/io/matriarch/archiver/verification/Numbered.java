package io.matriarch.archiver.verification;

/**
 * One of the objects that are told apart by a number: a segment of a timeline, or a bundle of a
 * base backup.
 *
 * @param folder relative to the cluster's part of the repository, with a slash at its end
 */
record Numbered(String folder, long number) {}
