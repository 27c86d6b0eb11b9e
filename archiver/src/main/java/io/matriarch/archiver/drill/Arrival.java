package io.matriarch.archiver.drill;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.recovery.RecoveryOutcome;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import java.time.Instant;
import java.util.Optional;

/** Holds where a server's recovery ended against where the plan was to lead. */
final class Arrival {

    private Arrival() {}

    /** What is wrong with it, in one sentence; empty if it is where it should be. */
    static Optional<String> complaint(RestorePlan plan, RecoveryOutcome outcome) {
        if (outcome.end() != RecoveryOutcome.End.PROMOTED || outcome.replayed().isEmpty()) {
            return Optional.of(
                    "the server's recovery ended as %s (expected: promoted, at a known position)"
                            .formatted(outcome.end()));
        }
        Lsn reached = outcome.replayed().get();
        if (reached.isBefore(plan.backup().wal().stop())) {
            return Optional.of(ended(reached, "the end of the backup", plan.backup().wal().stop()));
        }
        if (reached.isAfter(plan.end())) {
            return Optional.of(
                    "replay ended at %s (expected: at %s at the latest, where the plan ends)"
                            .formatted(reached, plan.end()));
        }
        return switch (plan.target()) {
            case RestoreTarget.AtLsn(Lsn lsn, boolean _) ->
                    reached.isBefore(lsn)
                            ? Optional.of(ended(reached, "the target", lsn))
                            : Optional.empty();
            case RestoreTarget.PointInTime(Instant time, boolean _) ->
                    outcome.lastCommit()
                            .filter(last -> last.isAfter(time))
                            .map(last ->
                                    "the last transaction that was replayed is of %s (expected: of %s at the latest)"
                                            .formatted(last, time));
            case RestoreTarget.Latest() -> latest(plan, reached);
            case RestoreTarget.Immediate _, RestoreTarget.Xid _, RestoreTarget.RestorePoint _ ->
                    Optional.empty();
        };
    }

    private static Optional<String> latest(RestorePlan plan, Lsn reached) {
        WalSegment last = plan.wal().getLast();
        return reached.isBefore(last.start())
                ? Optional.of(ended(reached, "the last segment " + last, last.start()))
                : Optional.empty();
    }

    private static String ended(Lsn reached, String what, Lsn at) {
        return "replay ended at %s, before %s, at %s".formatted(reached, what, at);
    }

    /** How many of the plan's segments were needed to come there. */
    static int segments(RestorePlan plan, Lsn reached) {
        return (int) plan.wal().stream().filter(it -> it.start().isBefore(reached)).count();
    }
}
