package io.matriarch.archiver.retention;

/** What a pruning has deleted. */
public record PruneReport(int backups, int garbage, long walSegments, long objects) {}
