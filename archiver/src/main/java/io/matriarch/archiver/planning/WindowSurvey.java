package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.RecoveryWindow.Gap;
import io.matriarch.archiver.planning.RecoveryWindow.Mark;
import io.matriarch.archiver.planning.RecoveryWindow.Strand;
import io.matriarch.archiver.planning.RecoveryWindow.Stretch;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds out from facts alone what can be restored along every timeline. */
public final class WindowSurvey {

    private final ArchiveFacts facts;
    private final RestorePlanner planner;
    private final TimelineGaps gaps;

    private WindowSurvey(ArchiveFacts facts) {
        this.facts = facts;
        this.planner = new RestorePlanner(facts);
        this.gaps = new TimelineGaps(facts);
    }

    public static RecoveryWindow of(ArchiveFacts facts) {
        return new WindowSurvey(facts).window();
    }

    private RecoveryWindow window() {
        Set<TimelineId> timelines = new TreeSet<>(facts.wal().ranges().keySet());
        timelines.addAll(facts.histories().keySet());
        facts.backups().forEach(backup -> timelines.add(backup.wal().timeline()));
        Map<TimelineId, List<Gap>> lacking = new HashMap<>();
        timelines.forEach(it -> lacking.put(it, gaps.of(it)));
        // Of which nothing is there but what another's history tells.
        facts.histories().values().stream()
                .flatMap(history -> history.switches().stream())
                .map(TimelineHistory.Switch::parent)
                .forEach(parent -> lacking.computeIfAbsent(parent, gaps::of));
        lacking.forEach((timeline, missing) -> {
            if (!missing.isEmpty()) {
                timelines.add(timeline);
            }
        });
        return new RecoveryWindow(
                timelines.stream()
                        .map(it -> strand(it, lacking.getOrDefault(it, List.of())))
                        .toList(),
                planner.defaultLineage().map(TimelineHistory::timeline));
    }

    private Strand strand(TimelineId timeline, List<Gap> missing) {
        Optional<TimelineHistory> lineage = facts.history(timeline);
        Optional<TimelineHistory.Switch> origin =
                lineage.filter(it -> !it.switches().isEmpty()).map(it -> it.switches().getLast());
        List<Reachable> reachable =
                lineage.map(planner::reachable).orElse(List.of()).stream()
                        .map(it -> since(origin, timeline, it))
                        .flatMap(Optional::stream)
                        .toList();
        List<BaseBackup> restorable = lineage.map(planner::restorable).orElse(List.of());
        return new Strand(
                timeline,
                origin,
                stretches(timeline, reachable),
                missing,
                facts.backups().stream()
                        .filter(backup -> backup.wal().timeline().equals(timeline))
                        .map(backup ->
                                new Mark(
                                        backup.id(),
                                        backup.stopTime(),
                                        backup.wal().stop(),
                                        restorable.contains(backup)))
                        .toList());
    }

    /** The part that lies on the timeline itself. */
    private Optional<Reachable> since(
            Optional<TimelineHistory.Switch> origin, TimelineId timeline, Reachable whole) {
        if (origin.isEmpty() || !whole.fromLsn().isBefore(origin.get().at())) {
            return Optional.of(whole);
        }
        Lsn at = origin.get().at();
        Instant begun = facts.begun().getOrDefault(timeline, whole.from());
        return whole.toLsn().isAfter(at)
                ? Optional.of(
                        new Reachable(
                                begun.isAfter(whole.from()) ? begun : whole.from(),
                                whole.to(),
                                at,
                                whole.toLsn()))
                : Optional.empty();
    }

    /** Each range of WAL: first what no backup serves, then what can be restored. */
    private List<Stretch> stretches(TimelineId timeline, List<Reachable> reachable) {
        List<Stretch> stretches = new ArrayList<>();
        for (SegmentRange range : facts.wal().ranges().getOrDefault(timeline, List.of())) {
            Instant first = stored(range.first());
            Lsn start = range.first().start();
            Optional<Reachable> within =
                    reachable.stream()
                            .filter(it -> it.toLsn().equals(range.last().end()))
                            .findFirst();
            if (within.isEmpty()) {
                stretches.add(
                        new Stretch(first, stored(range.last()), start, range.last().end(), false));
                continue;
            }
            Reachable it = within.get();
            boolean hasUnserved = first.isBefore(it.from()) && start.isBefore(it.fromLsn());
            if (hasUnserved) {
                stretches.add(new Stretch(first, it.from(), start, it.fromLsn(), false));
            }
            stretches.add(new Stretch(it.from(), it.to(), it.fromLsn(), it.toLsn(), true));
        }
        return stretches;
    }

    private Instant stored(WalSegment end) {
        Instant stored = facts.archived().get(end);
        if (stored == null) {
            throw new IllegalArgumentException(
                    "segment: " + end + " (expected: with the time when it was stored)");
        }
        return stored;
    }
}
