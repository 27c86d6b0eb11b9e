package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.RestorePlan;
import java.time.Duration;

/**
 * What a restore has done.
 *
 * @param bytes of files, without WAL
 * @param wasComplete whether an earlier run of the same restore had left nothing to do
 */
public record RestoreReport(
        RestorePlan plan,
        long files,
        long bytes,
        Transfer transfer,
        Duration duration,
        boolean wasComplete) {

    /**
     * What had to be moved.
     *
     * @param keptFiles that were there already, with the right content
     * @param keptBytes of these files
     * @param removedFiles that the backup does not have
     * @param fetchedBytes of objects, as they are stored
     */
    public record Transfer(long keptFiles, long keptBytes, long removedFiles, long fetchedBytes) {

        public static final Transfer NONE = new Transfer(0, 0, 0, 0);
    }
}
