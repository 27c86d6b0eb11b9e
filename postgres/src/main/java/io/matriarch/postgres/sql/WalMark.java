package io.matriarch.postgres.sql;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Instant;

/**
 * A promise about the log: before {@code end} lies the record of a commit that was made at {@code
 * time} or later. Replay towards any earlier time stops before {@code end}, and needs no WAL beyond
 * it.
 */
public record WalMark(TimelineId timeline, Lsn end, Instant time) {}
