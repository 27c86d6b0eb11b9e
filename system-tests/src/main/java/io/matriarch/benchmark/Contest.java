package io.matriarch.benchmark;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One kind of work, done by each contestant in turn, round after round, so that whatever else the
 * machine does meets all of them alike.
 */
final class Contest {

    /** Does the work once. */
    @FunctionalInterface
    interface Attempt {
        Sample run() throws InterruptedException, IOException;
    }

    private final String title;
    private final Map<String, Attempt> attempts = new LinkedHashMap<>();
    private final Map<String, Series> results = new LinkedHashMap<>();
    private final StringBuilder goals = new StringBuilder();

    Contest(String title) {
        this.title = title;
    }

    Contest enter(String contestant, Attempt attempt) {
        attempts.put(contestant, attempt);
        return this;
    }

    /** Runs all rounds; {@code told} hears of each sample. */
    Contest run(int rounds, Consumer<String> told) throws InterruptedException, IOException {
        told.accept(title);
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Attempt> each : attempts.entrySet()) {
                Sample sample = each.getValue().run();
                results.computeIfAbsent(each.getKey(), Series::new).add(sample);
                told.accept(
                        "  round %d  %-34s %8.3f s%s"
                                .formatted(
                                        round,
                                        each.getKey(),
                                        sample.seconds(),
                                        processor(sample.processorSeconds())));
            }
        }
        return this;
    }

    private static String processor(double seconds) {
        return Double.isNaN(seconds)
                ? ""
                : String.format(Locale.ROOT, "  %7.2f s of processor", seconds);
    }

    Series of(String contestant) {
        Series series = results.get(contestant);
        if (series == null) {
            throw new IllegalArgumentException(contestant + " did not take part in: " + title);
        }
        return series;
    }

    /** How many times faster {@code ours} is, held against a goal. */
    Contest goal(String ours, String theirs, double expected) {
        double ratio = of(theirs).seconds() / of(ours).seconds();
        return goal(
                String.format(
                        Locale.ROOT,
                        "%.2f times the speed of %s (goal: %.2f)",
                        ratio,
                        theirs,
                        expected),
                ratio >= expected);
    }

    Contest goal(String text, boolean isMet) {
        goals.append("- ").append(isMet ? "met: " : "**missed**: ").append(text).append('\n');
        return this;
    }

    /** A section of a document. */
    String report() {
        StringBuilder text = new StringBuilder("## " + title + "\n\n");
        text.append("| | median | min to max | processor |\n|---|---|---|---|\n");
        for (Series series : results.values()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.3f s | %.3f to %.3f s | %s |%n",
                            series.contestant(),
                            series.seconds(),
                            series.fastest(),
                            series.slowest(),
                            Double.isNaN(series.processorSeconds())
                                    ? "-"
                                    : String.format(
                                            Locale.ROOT, "%.2f s", series.processorSeconds())));
        }
        return text.append('\n').append(goals).append('\n').toString();
    }
}
