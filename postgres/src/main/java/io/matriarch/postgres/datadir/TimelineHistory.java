package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The ancestry of a timeline, oldest first, as its history file tells it (PostgreSQL manual,
 * "Timelines").
 *
 * @param timeline the timeline whose history this is
 * @param switches where each ancestor was left for the next
 */
public record TimelineHistory(TimelineId timeline, List<Switch> switches) {

    /** The ancestor {@code parent} is part of the history up to, and without, {@code at}. */
    public record Switch(TimelineId parent, Lsn at) {}

    public TimelineHistory {
        switches = List.copyOf(switches);
        for (int i = 0; i < switches.size(); i++) {
            TimelineId next = i + 1 < switches.size() ? switches.get(i + 1).parent() : timeline;
            if (switches.get(i).parent().compareTo(next) >= 0) {
                throw new IllegalArgumentException(
                        "timeline history of "
                                + timeline
                                + ": "
                                + switches.get(i).parent()
                                + " (expected: below "
                                + next
                                + ")");
            }
        }
    }

    /** The history of a timeline without ancestors. */
    public static TimelineHistory of(TimelineId first) {
        return new TimelineHistory(first, List.of());
    }

    /** Reads a history file's text; comments and empty lines are skipped. */
    public static TimelineHistory parse(TimelineId timeline, String text) {
        List<Switch> switches = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            String[] fields = content.split("\\s+", 3);
            if (fields.length < 2) {
                throw new IllegalArgumentException(
                        "timeline history: " + line + " (expected: timeline, position, reason)");
            }
            switches.add(new Switch(TimelineId.parse(fields[0]), Lsn.parse(fields[1])));
        }
        return new TimelineHistory(timeline, switches);
    }

    /** The timeline whose log holds the byte at {@code lsn} on the way to this timeline. */
    public TimelineId timelineOf(Lsn lsn) {
        return switches.stream()
                .filter(s -> lsn.isBefore(s.at()))
                .map(Switch::parent)
                .findFirst()
                .orElse(timeline);
    }

    /** Where {@code ancestor} was left; empty for this timeline itself and for strangers. */
    public Optional<Lsn> leftAt(TimelineId ancestor) {
        return switches.stream()
                .filter(s -> s.parent().equals(ancestor))
                .map(Switch::at)
                .findFirst();
    }

    /**
     * Whether a server that has the log of {@code other} up to {@code end} can go on along this
     * history without undoing anything.
     */
    public boolean continues(TimelineId other, Lsn end) {
        return other.equals(timeline) || leftAt(other).map(at -> !end.isAfter(at)).orElse(false);
    }

    /**
     * Where this history and another part: the last timeline that both went along, and how far.
     * Empty if both are of one timeline with the same past, so that neither has left the other.
     */
    public Optional<Switch> forkFrom(TimelineHistory other) {
        int shared = 0;
        while (shared < switches.size()
                && shared < other.switches.size()
                && switches.get(shared).equals(other.switches.get(shared))) {
            shared++;
        }
        if (!at(shared).equals(other.at(shared))) {
            return shared == 0
                    ? Optional.of(new Switch(at(0), Lsn.ZERO))
                    : Optional.of(switches.get(shared - 1));
        }
        TimelineId last = at(shared);
        return Stream.of(leftAt(last), other.leftAt(last))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .map(at -> new Switch(last, at));
    }

    /**
     * The same, where timelines above {@code told} are known to be others than those of the same
     * number there.
     */
    public Optional<Switch> forkFrom(TimelineHistory other, TimelineId told) {
        return Stream.of(forkFrom(other), switchBeyond(told))
                .flatMap(Optional::stream)
                .min(Comparator.comparing(Switch::at));
    }

    /** Where this history went to the first timeline with a number above {@code known}. */
    private Optional<Switch> switchBeyond(TimelineId known) {
        for (int i = 0; i < switches.size(); i++) {
            if (at(i + 1).compareTo(known) > 0) {
                return Optional.of(switches.get(i));
            }
        }
        return Optional.empty();
    }

    /** The timeline after so many switches. */
    private TimelineId at(int count) {
        return count < switches.size() ? switches.get(count).parent() : timeline;
    }

    /** The timelines from {@code first} to this one. */
    public List<TimelineId> since(TimelineId first) {
        return Stream.concat(switches.stream().map(Switch::parent), Stream.of(timeline))
                .filter(each -> each.compareTo(first) >= 0)
                .toList();
    }

    /** The past of an ancestor; a stranger is taken to have none. */
    public TimelineHistory upTo(TimelineId ancestor) {
        boolean isKnown = ancestor.equals(timeline) || leftAt(ancestor).isPresent();
        return new TimelineHistory(
                ancestor,
                isKnown
                        ? switches.stream().filter(s -> s.parent().compareTo(ancestor) < 0).toList()
                        : List.of());
    }
}
