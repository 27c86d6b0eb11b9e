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
            names = "--xid",
            paramLabel = "XID",
            description = "The state when this transaction had committed, or ended.")
    private @Nullable Long xid;

    @Option(
            names = "--restore-point",
            paramLabel = "NAME",
            description = "The state at what pg_create_restore_point was given this name for.")
    private @Nullable String restorePoint;

    @Option(
            names = "--immediate",
            description = "The end of the backup: as soon as the data is consistent.")
    private boolean immediate;

    @Option(
            names = "--exclusive",
            description = {
                "Stop just before the target of --point-in-time, --lsn or --xid: what is exactly at",
                "it is left out (default: it is the last that is replayed)."
            })
    private boolean exclusive;

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
                Optional.ofNullable(backup).map(BackupId::new));
    }

    private RestoreTarget target() {
        List<RestoreTarget> targets = new ArrayList<>();
        if (time != null) {
            targets.add(RestoreTarget.parseTime(time, !exclusive));
        }
        if (lsn != null) {
            targets.add(new RestoreTarget.AtLsn(Lsn.parse(lsn), !exclusive));
        }
        if (xid != null) {
            targets.add(new RestoreTarget.Xid(xid, !exclusive));
        }
        if (restorePoint != null) {
            targets.add(new RestoreTarget.RestorePoint(restorePoint));
        }
        if (immediate) {
            targets.add(new RestoreTarget.Immediate());
        }
        if (latest) {
            targets.add(new RestoreTarget.Latest());
        }
        if (targets.size() != 1) {
            throw CommandFailure.usage(
                    (targets.isEmpty() ? "no target is named" : "several targets are named")
                            + " (expected: one of --point-in-time TIME, --lsn LSN, --xid XID,"
                            + " --restore-point NAME, --immediate and --latest)",
                    "'restore list' says what can be restored");
        }
        RestoreTarget target = targets.getFirst();
        if (exclusive && !canBeExclusive(target)) {
            throw CommandFailure.usage(
                    "--exclusive with "
                            + words(target)
                            + " (expected: with --point-in-time,"
                            + " --lsn or --xid)",
                    "leave --exclusive out: nothing lies exactly at this target");
        }
        return target;
    }

    private static boolean canBeExclusive(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.PointInTime _, RestoreTarget.AtLsn _, RestoreTarget.Xid _ -> true;
            case RestoreTarget.Latest _, RestoreTarget.Immediate _, RestoreTarget.RestorePoint _ ->
                    false;
        };
    }

    /** As a person would say it. */
    static String words(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.Latest() -> "all that was archived";
            case RestoreTarget.Immediate() -> "the end of the backup";
            case RestoreTarget.PointInTime(var moment, var inclusive) ->
                    "the state " + (inclusive ? "at " : "before ") + moment;
            case RestoreTarget.AtLsn(var position, var inclusive) ->
                    "the state " + (inclusive ? "at " : "before ") + position;
            case RestoreTarget.Xid(var number, var inclusive) ->
                    "the state " + (inclusive ? "after" : "before") + " transaction " + number;
            case RestoreTarget.RestorePoint(var name) -> "restore point " + name;
        };
    }
}
