package io.matriarch.elector.situation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a member tells of WAL that waits for the archive, of the room for it, and of what lacks
 * there.
 *
 * @param waiting how many files PostgreSQL wants archived that the store has not confirmed
 * @param oldest since when the first of them waits; absent if none does
 * @param freeBytes that may still be written to the volume of {@code pg_wal}
 * @param totalBytes its size; 0 if unknown
 * @param walAlarm that WAL waits for too long, and why; absent if it does not
 * @param volumeAlarm that the volume is nearly full; absent if it is not
 * @param gapAlarm that no restore leads to what is written now until a base backup is taken, and
 *     why; absent if one does, or it is not known
 */
public record ArchivingReport(
        int waiting,
        @Nullable Instant oldest,
        long freeBytes,
        long totalBytes,
        @Nullable String walAlarm,
        @Nullable String volumeAlarm,
        @Nullable String gapAlarm) {}
