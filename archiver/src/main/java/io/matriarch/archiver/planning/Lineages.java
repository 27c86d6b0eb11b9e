package io.matriarch.archiver.planning;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which timeline a restore follows. In this order: the one asked for; the one that the cluster is
 * on; and where the cluster cannot be asked, the newest backup's timeline and from there each
 * branch that left it behind the backup, as long as there is exactly one. The highest number is
 * never a reason: it may be of a branch that was given up.
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
        return descend(newest.wal().timeline(), newest.wal().stop(), facts);
    }

    private static Choice known(TimelineId timeline, String why, ArchiveFacts facts) {
        Optional<TimelineHistory> history = facts.history(timeline);
        Optional<Damage> damage =
                damagedHistories(facts)
                        .filter(it -> it.key().endsWith("/" + timeline.historyFileName()))
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

    /** Timelines that branch off from {@code parent} at {@code position} or behind it. */
    private static List<TimelineHistory> children(
            TimelineId parent, Lsn position, ArchiveFacts facts) {
        return facts.histories().values().stream()
                .filter(history ->
                        !history.switches().isEmpty()
                                && history.switches().getLast().parent().equals(parent)
                                && !history.switches().getLast().at().isBefore(position))
                .sorted((one, other) -> one.timeline().compareTo(other.timeline()))
                .toList();
    }

    private static Stream<Damage> damagedHistories(ArchiveFacts facts) {
        return facts.damaged().stream().filter(Damage::isHistory);
    }

    private static String names(ArchiveFacts facts) {
        return Stream.concat(Stream.of(TimelineId.FIRST), facts.histories().keySet().stream())
                .distinct()
                .sorted()
                .toList()
                .toString();
    }
}
