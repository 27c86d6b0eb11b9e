package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which timeline a restore follows. In this order: the one asked for; the one that the cluster is
 * on; and where the cluster cannot be asked, the newest backup's timeline and from there each
 * branch that left it behind the backup, as long as there is exactly one. The highest number is
 * never a reason: it may be of a branch that was given up. But a higher one of which nobody knows
 * where it comes from makes the choice unclear.
 */
final class Lineages {

    private Lineages() {}

    /** How the choice ended. */
    sealed interface Choice {
        record Follow(TimelineHistory lineage) implements Choice {}

        record Unclear(String reason, String hint) implements Choice {}
    }

    static Choice choose(Optional<TimelineId> requested, ArchiveFacts facts) {
        if (requested.isPresent()) {
            return known(requested.get(), "as asked for", facts);
        }
        if (facts.committed().isPresent()) {
            return known(facts.committed().get(), "the cluster's own", facts);
        }
        Optional<Damage> unread = damagedHistories(facts).findFirst();
        if (unread.isPresent()) {
            return new Choice.Unclear(
                    unread.get() + "; so which timeline to follow is not clear",
                    "say which timeline to follow; one whose history is whole can be restored");
        }
        BaseBackup newest = facts.backups().getLast();
        return switch (descend(newest.wal().timeline(), newest.wal().stop(), facts)) {
            case Choice.Follow(var lineage) -> unlessLost(lineage, facts);
            case Choice.Unclear unclear -> unclear;
        };
    }

    /** A timeline without its history may be the one that goes on where this one ends. */
    private static Choice unlessLost(TimelineHistory lineage, ArchiveFacts facts) {
        return facts.wal().ranges().keySet().stream()
                .filter(timeline -> timeline.compareTo(lineage.timeline()) > 0)
                .flatMap(timeline -> lostHistories(facts).filter(it -> it.isHistoryOf(timeline)))
                .findFirst()
                .<Choice>map(lost ->
                        new Choice.Unclear(
                                lost + "; so which timeline to follow is not clear",
                                "put it back from another copy, or from the pg_wal of any member;"
                                        + " or do without that timeline: --timeline "
                                        + lineage.timeline()))
                .orElseGet(() -> new Choice.Follow(lineage));
    }

    private static Choice known(TimelineId timeline, String why, ArchiveFacts facts) {
        Optional<TimelineHistory> history = facts.history(timeline);
        Optional<Damage> damage =
                Stream.concat(damagedHistories(facts), lostHistories(facts))
                        .filter(it -> it.isHistoryOf(timeline))
                        .findFirst();
        if (history.isEmpty() && damage.isPresent()) {
            return new Choice.Unclear(
                    damage.get() + "; timeline " + timeline + " (" + why + ") needs it",
                    "put it back from another copy, or from the pg_wal of any member; or name"
                            + " another timeline");
        }
        if (history.isEmpty()) {
            return new Choice.Unclear(
                    "timeline "
                            + timeline
                            + " ("
                            + why
                            + "): its history is not in the archive (expected: one of "
                            + names(facts)
                            + ")",
                    "name one of these timelines");
        }
        return new Choice.Follow(history.get());
    }

    private static Choice descend(TimelineId from, Lsn behind, ArchiveFacts facts) {
        Optional<TimelineHistory> current = facts.history(from);
        if (current.isEmpty()) {
            return known(from, "the newest backup's", facts);
        }
        TimelineHistory lineage = current.get();
        Lsn position = behind;
        while (true) {
            List<TimelineHistory> children = children(lineage.timeline(), position, facts);
            if (children.isEmpty()) {
                return new Choice.Follow(lineage);
            }
            if (children.size() > 1) {
                return new Choice.Unclear(
                        "timeline "
                                + lineage.timeline()
                                + " was left for several others: "
                                + children.stream()
                                        .map(child -> child.timeline().toString())
                                        .toList(),
                        "say which timeline to follow: the archive alone does not tell");
            }
            lineage = children.getFirst();
            position = lineage.switches().getLast().at();
        }
    }

    /**
     * Timelines that branch off from {@code parent} at {@code position} or behind it, also those of
     * which only a descendant's history tells.
     */
    private static List<TimelineHistory> children(
            TimelineId parent, Lsn position, ArchiveFacts facts) {
        SortedMap<TimelineId, TimelineHistory> children = new TreeMap<>();
        for (TimelineHistory history : facts.histories().values()) {
            List<TimelineHistory.Switch> switches = history.switches();
            for (int i = 0; i < switches.size(); i++) {
                if (switches.get(i).parent().equals(parent)
                        && !switches.get(i).at().isBefore(position)) {
                    TimelineId child =
                            i + 1 < switches.size()
                                    ? switches.get(i + 1).parent()
                                    : history.timeline();
                    children.put(child, new TimelineHistory(child, switches.subList(0, i + 1)));
                }
            }
        }
        return List.copyOf(children.values());
    }

    private static Stream<Damage> damagedHistories(ArchiveFacts facts) {
        return facts.damaged().stream().filter(it -> it.isHistory() && !it.isLost());
    }

    private static Stream<Damage> lostHistories(ArchiveFacts facts) {
        return facts.damaged().stream().filter(it -> it.isHistory() && it.isLost());
    }

    private static String names(ArchiveFacts facts) {
        return Stream.concat(Stream.of(TimelineId.FIRST), facts.histories().keySet().stream())
                .distinct()
                .sorted()
                .toList()
                .toString();
    }
}
