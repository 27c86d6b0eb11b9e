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
        RestorePlan plan, long files, long bytes, Duration duration, boolean wasComplete) {}
