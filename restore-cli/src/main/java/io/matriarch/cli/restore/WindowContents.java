package io.matriarch.cli.restore;

import io.matriarch.archiver.planning.RecoveryWindow;
import io.matriarch.cli.drill.LastDrill;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code restore window --json}.
 *
 * @param timeline that a restore follows if none is asked for; absent if that is unclear
 * @param drilled the last drill; absent if there was none
 */
record WindowContents(
        String repository,
        String cluster,
        String systemIdentifier,
        @Nullable Long timeline,
        List<Line> timelines,
        @Nullable LastDrill drilled) {

    /**
     * One timeline.
     *
     * @param parent absent for the first
     * @param switchedAt where the parent was left
     */
    record Line(
            long timeline,
            @Nullable Long parent,
            @Nullable String switchedAt,
            boolean followed,
            List<Stretch> stretches,
            List<Gap> gaps,
            List<Backup> backups) {}

    /** WAL without a gap; reachable if every moment of it can be restored. */
    record Stretch(Instant from, Instant to, String fromLsn, String toLsn, boolean reachable) {}

    /** Missing segments. */
    record Gap(Instant from, Instant to, String first, String last, long segments) {}

    /** A base backup. */
    record Backup(String id, Instant stopTime, String stopLsn, boolean restorable) {}

    static WindowContents of(Source source, RecoveryWindow window, Optional<LastDrill> drilled) {
        return new WindowContents(
                source.location(),
                source.cluster(),
                source.systemIdentifier().toString(),
                window.followed().map(TimelineId::value).orElse(null),
                window.timelines().stream().map(strand -> line(strand, window)).toList(),
                drilled.orElse(null));
    }

    private static Line line(RecoveryWindow.Strand strand, RecoveryWindow window) {
        TimelineHistory.Switch origin = strand.origin().orElse(null);
        return new Line(
                strand.timeline().value(),
                origin == null ? null : origin.parent().value(),
                origin == null ? null : origin.at().toString(),
                window.followed().filter(strand.timeline()::equals).isPresent(),
                strand.stretches().stream()
                        .map(it ->
                                new Stretch(
                                        it.from(),
                                        it.to(),
                                        it.fromLsn().toString(),
                                        it.toLsn().toString(),
                                        it.isReachable()))
                        .toList(),
                strand.gaps().stream()
                        .map(it ->
                                new Gap(
                                        it.from(),
                                        it.to(),
                                        it.missing().first().name(),
                                        it.missing().last().name(),
                                        it.missing().count()))
                        .toList(),
                strand.backups().stream()
                        .map(it ->
                                new Backup(
                                        it.id().toString(),
                                        it.stopTime(),
                                        it.stop().toString(),
                                        it.isRestorable()))
                        .toList());
    }
}
