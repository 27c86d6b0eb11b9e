package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.WalSegment;
import java.util.List;

/**
 * What a new primary found unarchived of its ancestors, and what is still missing.
 *
 * @param pushed segments that the archive has from now on
 * @param missing what neither the archive nor this member has: no restore leads across it
 * @param refused files that could not be pushed, each with the reason
 * @param isInterrupted whether the permission was gone before all was tried: then nothing said here
 *     is final, and it must be done again
 */
public record BackfillReport(
        List<WalSegment> pushed,
        List<SegmentRange> missing,
        List<String> refused,
        boolean isInterrupted) {

    public BackfillReport {
        pushed = List.copyOf(pushed);
        missing = List.copyOf(missing);
        refused = List.copyOf(refused);
    }

    /** Whether the archive leads without a gap to where the present timeline begins. */
    public boolean isContinuous() {
        return missing.isEmpty() && refused.isEmpty() && !isInterrupted;
    }
}
