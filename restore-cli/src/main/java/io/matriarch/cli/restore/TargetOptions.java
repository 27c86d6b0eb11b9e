package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RestoreRequest;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.cli.CommandFailure;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How far a restore goes, and along which way. */
final class TargetOptions {

    @Option(
            names = "--point-in-time",
            paramLabel = "TIME",
            description = "The state at this time, with its offset: '2026-11-21 08:30:00Z'.")
    private @Nullable String time;

    @Option(names = "--lsn", paramLabel = "LSN", description = "The state at this position.")
    private @Nullable String lsn;

    @Option(names = "--latest", description = "All that was archived.")
    private boolean latest;

    @Option(
            names = "--timeline",
            paramLabel = "N",
            description = "Along this timeline (default: the one that the cluster is on).")
    private @Nullable String timeline;

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description = "Beginning with this backup (default: the best).")
    private @Nullable String backup;

    /** What was asked for, if it makes sense. */
    RestoreRequest request() {
        return new RestoreRequest(
                target(),
                Optional.ofNullable(timeline).map(TimelineId::parse),
                Optional.ofNullable(backup).map(BackupId::parse));
    }

    private RestoreTarget target() {
        List<RestoreTarget> targets = new ArrayList<>();
        if (time != null) {
            targets.add(RestoreTarget.parseTime(time, true));
        }
        if (lsn != null) {
            targets.add(new RestoreTarget.AtLsn(Lsn.parse(lsn), true));
        }
        if (latest) {
            targets.add(new RestoreTarget.Latest());
        }
        if (targets.size() != 1) {
            throw CommandFailure.usage(
                    (targets.isEmpty() ? "no target is named" : "several targets are named")
                            + " (expected: one of --point-in-time TIME, --lsn LSN and --latest)",
                    "'restore list' says what can be restored");
        }
        return targets.getFirst();
    }

    /** As a person would say it. */
    static String words(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.Latest() -> "all that was archived";
            case RestoreTarget.Immediate() -> "the end of the backup";
            case RestoreTarget.PointInTime(var moment, var _) -> "the state at " + moment;
            case RestoreTarget.AtLsn(var position, var _) -> "the state at " + position;
            case RestoreTarget.Xid(var xid, var _) -> "transaction " + xid;
            case RestoreTarget.RestorePoint(var name) -> "restore point " + name;
        };
    }
}
