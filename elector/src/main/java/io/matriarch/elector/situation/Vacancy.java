package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What a primary that gave up its authority says of its end. It is written only with the proof that
 * no process of its Postgres lives, so nobody needs to wait for its session to expire.
 *
 * @param finalPosition the end of its log, after a clean shutdown only: whoever has received it has
 *     everything
 * @param successor the member that a planned switchover named
 * @param reason for people
 * @param failed the member that could not end its own promotion: of two that have the same log the
 *     other goes first, or the same would fail for ever
 */
public record Vacancy(
        @Nullable Lsn finalPosition,
        @Nullable MemberName successor,
        String reason,
        @Nullable MemberName failed) {

    /** Left by a primary that had begun to serve. */
    public Vacancy(@Nullable Lsn finalPosition, @Nullable MemberName successor, String reason) {
        this(finalPosition, successor, reason, null);
    }
}
