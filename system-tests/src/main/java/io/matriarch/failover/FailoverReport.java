package io.matriarch.failover;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of what was measured, in Markdown. */
final class FailoverReport {

    private final String conditions;
    private final Map<Fault, Map<Contestant, Rounds>> shown = new EnumMap<>(Fault.class);

    FailoverReport(String conditions) {
        this.conditions = conditions;
    }

    void add(Fault fault, Contestant contestant, Rounds rounds) {
        shown.computeIfAbsent(fault, key -> new EnumMap<>(Contestant.class))
                .put(contestant, rounds);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(conditions).append('\n');
        text.append(
                """
                | fault | side | rounds | outage, median | least to most | rows lost | of a direct client | two writers | aborted | well again | goal | reached |
                |---|---|---|---|---|---|---|---|---|---|---|---|
                """);
        shown.forEach((fault, sides) ->
                sides.forEach((contestant, rounds) -> text.append(row(fault, contestant, rounds))));
        return text.toString();
    }

    static String row(Fault fault, Contestant contestant, Rounds rounds) {
        List<Duration> outages = rounds.outages();
        String failed = rounds.failed() == 0 ? "" : ", **" + rounds.failed() + " failed**";
        return Stream.of(
                        fault.what(),
                        contestant.title(),
                        rounds.all().size() + failed,
                        Rounds.median(outages).map(Rounds::seconds).orElse(""),
                        outages.isEmpty() ? "" : span(outages),
                        rounds.lost() + " of " + rounds.acknowledged(),
                        Integer.toString(rounds.lostDirectly()),
                        Integer.toString(rounds.overlapping()),
                        Integer.toString(rounds.aborted()),
                        rounds.wellAfter().map(Rounds::seconds).orElse(""),
                        contestant.isOurs() ? fault.goal().toString() : "",
                        contestant.isOurs() ? reached(fault, contestant, rounds) : "")
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String span(List<Duration> sorted) {
        return Rounds.seconds(sorted.getFirst()) + " to " + Rounds.seconds(sorted.getLast());
    }

    private static String reached(Fault fault, Contestant contestant, Rounds rounds) {
        boolean mayLose = contestant == Contestant.MATRIARCH_ASYNC;
        // Nobody can stop what is frozen; only a synchronous standby can refuse when it wakes.
        boolean mayOverlap = mayLose && fault == Fault.EVERYTHING_FROZEN;
        boolean isKept =
                rounds.failed() == 0
                        && (mayOverlap || rounds.overlapping() == 0)
                        && (mayLose || rounds.lost() + rounds.lostDirectly() == 0)
                        && (!fault.isPlanned() || rounds.aborted() == 0);
        return isKept && fault.goal().isReachedBy(rounds.outages()) ? "yes" : "**missed**";
    }
}
