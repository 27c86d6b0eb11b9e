package io.matriarch.failover;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What several rounds of one fault have shown. */
record Rounds(List<Round> all) {

    Rounds {
        all = List.copyOf(all);
    }

    List<Duration> outages() {
        return lived().stream().map(Round::outage).sorted().toList();
    }

    /** Those that came to an end, without which there is no figure. */
    private List<Round> lived() {
        return all.stream().filter(round -> round.failure().isEmpty()).toList();
    }

    int failed() {
        return all.size() - lived().size();
    }

    int acknowledged() {
        return all.stream().mapToInt(Round::acknowledged).sum();
    }

    int lost() {
        return all.stream().mapToInt(Round::lost).sum();
    }

    int lostDirectly() {
        return all.stream().mapToInt(Round::lostDirectly).sum();
    }

    int overlapping() {
        return all.stream().mapToInt(Round::overlapping).sum();
    }

    int aborted() {
        return all.stream().mapToInt(Round::aborted).sum();
    }

    Optional<Duration> wellAfter() {
        return median(lived().stream().map(Round::wellAfter).toList());
    }

    /** Of an even number the greater of the two in the middle: no figure is made up. */
    static Optional<Duration> median(List<Duration> figures) {
        List<Duration> sorted = figures.stream().sorted().toList();
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}
