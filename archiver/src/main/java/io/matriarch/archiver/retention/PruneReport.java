package io.matriarch.archiver.retention;

import java.util.List;

/**
 * What a pruning has deleted.
 *
 * @param backups of which nothing is left
 * @param garbage folders of incomplete backups of which nothing is left
 * @param refused what the store would not delete, and why, a sentence each
 */
public record PruneReport(
        int backups, int garbage, long walSegments, long objects, List<String> refused) {

    public PruneReport {
        refused = List.copyOf(refused);
    }
}
