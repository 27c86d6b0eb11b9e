package io.matriarch.elector.simulation;

import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.DesiredState;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.enactment.BaseRestore;
import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.plan.Fault;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be wrong with data directories, their marks and their histories. */
final class DefectsOfData {

    private DefectsOfData() {}

    static List<Planted> all() {
        return List.of(
                Planted.around(
                        "a directory that is only half made is not marked",
                        right -> ignoring(right, "noteRepair", Repair.REPLACE)),
                Planted.around(
                        "a directory that is about to be rewound is not marked",
                        right -> ignoring(right, "noteRepair", Repair.DELTA)),
                Planted.around(
                        "a delta restore that failed half way passes for a whole one",
                        DefectsOfData::passedForWhole),
                Planted.decided(
                        "a directory whose repair did not end is started",
                        DefectsOfData::startedHalfDone),
                Planted.around(
                                "a directory is built although that cannot be noted",
                                DefectsOfData::builtWithoutMark)
                        .in(DefectsOfData::aFullDisk),
                Planted.around(
                        "a directory that needs a rewind is not marked",
                        right -> ignoring(right, "noteRepair", Repair.REWIND)),
                Planted.around(
                        "nobody notes under which epoch a directory was a primary's",
                        right -> ignoring(right, "noteReign", null)),
                Planted.around(
                        "a replaced directory is thrown away at once", DefectsOfData::thrownAway),
                Planted.around(
                        "a rewind undoes what nobody has kept",
                        right ->
                                Replaced.in(
                                        right,
                                        Marks.class,
                                        "keepWal",
                                        (same, arguments) -> Optional.empty())),
                Planted.around(
                                "the supervisor may start a directory that is being made",
                                DefectsOfData::neverStopped)
                        .in(DefectsOfData::aPrimaryThatCannotStart),
                Planted.around(
                                "what an earlier life had asked for goes on",
                                right ->
                                        Replaced.in(
                                                right,
                                                ControlChannel.class,
                                                "unfinished",
                                                (same, arguments) -> List.of()))
                        .in(DefectsOfData::aRepairInterrupted),
                Planted.around(
                        "two timelines of one number pass for one", DefectsOfData::sameNumber),
                Planted.misjudged(
                        "positions are compared without their history", DefectsOfData::bareLsn),
                Planted.decided(
                        "a former primary starts as a standby without a rewind",
                        DefectsOfData::withoutRewind));
    }

    /**
     * A former primary is to be repaired; its supervisor is replaced before it begins, and its
     * sidecar too; and when they are back the connection breaks.
     */
    private static Plan aRepairInterrupted(Plan plan) {
        int primary = (int) (plan.seed() % 2);
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        long gone = begin + 50_000 + plan.seed() * 104_729 % 1_000_003;
        long replaced = gone + 100_000 + plan.seed() * 15_485_863 % 800_011;
        long broken = gone + 3_050_000 + plan.seed() * 32_452_843 % 1_300_021;
        return plan.of(2, Mode.OFF)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.POSTGRES_KILLED, begin, begin, primary, primary),
                                new Fault(
                                        Fault.Kind.SUPERVISOR_KILLED,
                                        gone,
                                        gone + 3_000_000,
                                        primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.SIDECAR_KILLED,
                                        replaced,
                                        replaced + 70_000,
                                        primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.CUT_FROM_MEMBER,
                                        broken,
                                        broken + 3_000_000,
                                        primary,
                                        1 - primary)));
    }

    /**
     * The primary dies while its standby is away, and does not start again; the standby comes back
     * and succeeds it; and while the former primary is repaired, the connection breaks.
     */
    private static Plan aPrimaryThatCannotStart(Plan plan) {
        int primary = (int) (plan.seed() % 2);
        int standby = 1 - primary;
        long begin = 2_500_000 + plan.seed() * 7_919 % 1_000_003;
        long broken = begin + 4_000_000 + plan.seed() * 104_729 % 5_000_011;
        return plan.of(2, Mode.OFF)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.HOST_CRASHED,
                                        begin,
                                        begin + 3_000_000,
                                        standby,
                                        standby),
                                new Fault(
                                        Fault.Kind.STARTS_FAIL,
                                        begin + 900_000,
                                        begin + 9_000_000,
                                        primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.POSTGRES_KILLED,
                                        begin + 1_000_000,
                                        begin + 1_000_000,
                                        primary,
                                        primary),
                                new Fault(
                                        Fault.Kind.CUT_FROM_MEMBER,
                                        broken,
                                        broken + 400_000,
                                        primary,
                                        standby)));
    }

    /** A cluster has just been made, and who is to get a copy of it has no room for it yet. */
    private static Plan aFullDisk(Plan plan) {
        int host = (int) (plan.seed() % 2);
        long begin = 100_000 + plan.seed() * 7_919 % 500_009;
        return Plan.of(7 * plan.seed())
                .of(2, Mode.OFF)
                .with(
                        List.of(
                                new Fault(
                                        Fault.Kind.DISK_FULL,
                                        begin,
                                        begin + 7_000_000,
                                        host,
                                        host)));
    }

    private static Surroundings builtWithoutMark(Surroundings right) {
        return Replaced.in(
                right,
                Marks.class,
                "noteRepair",
                (same, arguments) -> {
                    try {
                        same.noteRepair((Repair) arguments[0]);
                    } catch (UncheckedIOException full) {
                        return null;
                    }
                    return null;
                });
    }

    private static Surroundings ignoring(
            Surroundings right, String method, @Nullable Object argument) {
        return Replaced.in(
                right,
                Marks.class,
                method,
                (same, arguments) -> {
                    if (argument != null && !argument.equals(arguments[0])) {
                        same.noteRepair((Repair) arguments[0]);
                    }
                    return null;
                });
    }

    private static Surroundings thrownAway(Surroundings right) {
        return Replaced.in(
                right,
                Marks.class,
                "setAside",
                (same, arguments) -> {
                    same.setAside((Path) arguments[0]);
                    same.remove(same.asides());
                    return null;
                });
    }

    private static Surroundings passedForWhole(Surroundings right) {
        return Replaced.in(
                right,
                BaseRestore.class,
                "restoreOver",
                (same, arguments) -> {
                    same.restoreOver((SystemIdentifier) arguments[0], (Path) arguments[1]);
                    return Optional.empty();
                });
    }

    private static Surroundings neverStopped(Surroundings right) {
        return Replaced.in(
                right,
                ControlChannel.class,
                "writeDesired",
                (same, arguments) -> {
                    DesiredState desired = (DesiredState) arguments[0];
                    boolean isStopped =
                            same.readActual().map(actual -> actual.isProvenDead()).orElse(false);
                    if (desired.isRunning() || !isStopped) {
                        same.writeDesired(desired);
                    }
                    return null;
                });
    }

    private static Surroundings sameNumber(Surroundings right) {
        return Replaced.in(
                right,
                OwnFiles.class,
                "history",
                (same, arguments) -> Optional.of(TimelineHistory.of((TimelineId) arguments[0])));
    }

    private static Situation bareLsn(Situation now) {
        ClusterView view = now.view();
        ClusterState state = view == null ? null : view.state();
        if (state == null || !(now.postgres() instanceof OwnPostgres.Standby standby)) {
            return now;
        }
        Lineage lineage = state.lineage();
        TimelineHistory passing =
                lineage.timeline().equals(TimelineId.FIRST)
                        ? TimelineHistory.of(lineage.timeline())
                        : new TimelineHistory(
                                lineage.timeline(),
                                List.of(
                                        new TimelineHistory.Switch(
                                                new TimelineId(lineage.timeline().value() - 1),
                                                lineage.switchedAt())));
        return new Situation(
                now.now(),
                now.settings(),
                now.identity(),
                new OwnPostgres.Standby(
                        standby.status(), passing, standby.following(), standby.stalledFor(), null),
                view,
                now.reign(),
                now.election(),
                now.handover(),
                now.requests(),
                now.vouching());
    }

    private static Decision startedHalfDone(Situation now, Decision right) {
        return right instanceof Decision.Delta delta
                ? new Decision.StartAsStandby(delta.from(), Planted.because(right))
                : right;
    }

    private static Decision withoutRewind(Situation now, Decision right) {
        return right instanceof Decision.Rewind rewind && right.reason().code() == Code.DIVERGED
                ? new Decision.StartAsStandby(rewind.from(), Planted.because(right))
                : right;
    }
}
