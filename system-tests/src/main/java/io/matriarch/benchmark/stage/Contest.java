package io.matriarch.benchmark.stage;

import io.matriarch.outside.OutsideException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * One kind of work, done by each contestant in turn, round after round, so that whatever else the
 * machine does meets all of them alike.
 */
public final class Contest {

    /** Does the work once. */
    @FunctionalInterface
    public interface Attempt {
        Sample run() throws InterruptedException, IOException;
    }

    private final String title;
    private final DoubleSupplier store;
    private final Map<String, Attempt> attempts = new LinkedHashMap<>();
    private final Map<String, Series> results = new LinkedHashMap<>();
    private final StringBuilder goals = new StringBuilder();

    /**
     * @param store processor time that the store's server has used so far
     */
    public Contest(String title, DoubleSupplier store) {
        this.title = title;
        this.store = store;
    }

    public Contest enter(String contestant, Attempt attempt) {
        attempts.put(contestant, attempt);
        return this;
    }

    /** Runs all rounds; {@code told} hears of each sample. */
    public Contest run(int rounds, Consumer<String> told) throws InterruptedException, IOException {
        told.accept(title);
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Attempt> each : attempts.entrySet()) {
                Sample sample = measured(each.getValue(), told);
                results.computeIfAbsent(each.getKey(), Series::new).add(sample);
                told.accept(
                        "  round %d  %-34s %8.3f s%s"
                                .formatted(round, each.getKey(), sample.seconds(), used(sample)));
            }
        }
        return this;
    }

    /** A round that fails counts as one that takes for ever. */
    private Sample measured(Attempt attempt, Consumer<String> told)
            throws InterruptedException, IOException {
        double before = store.getAsDouble();
        try {
            return attempt.run().withStore(store.getAsDouble() - before);
        } catch (OutsideException e) {
            told.accept("  failed: " + e.getMessage());
            return Sample.FAILED;
        }
    }

    private static String used(Sample sample) {
        return used("processor", sample.processorSeconds())
                + used("the store's processor", sample.storeSeconds());
    }

    private static String used(String what, double seconds) {
        return Double.isNaN(seconds)
                ? ""
                : String.format(Locale.ROOT, "  %7.2f s of %s", seconds, what);
    }

    public Series of(String contestant) {
        Series series = results.get(contestant);
        if (series == null) {
            throw new IllegalArgumentException(contestant + " did not take part in: " + title);
        }
        return series;
    }

    /** How many times faster {@code ours} is, held against a goal. */
    public Contest goal(String ours, String theirs, double expected) {
        double ratio = ratio(ours, theirs);
        return goal(
                String.format(Locale.ROOT, "%s (goal: %.2f)", told(ratio, theirs), expected),
                Double.isFinite(ratio) && ratio >= expected);
    }

    /** How far {@code ours} is from what it is not held against. */
    public Contest distance(String ours, String theirs) {
        goals.append("- ").append(told(ratio(ours, theirs), theirs)).append('\n');
        return this;
    }

    private double ratio(String ours, String theirs) {
        return of(theirs).seconds() / of(ours).seconds();
    }

    private static String told(double ratio, String theirs) {
        return String.format(Locale.ROOT, "%.2f times the speed of %s", ratio, theirs);
    }

    public Contest goal(String text, boolean isMet) {
        goals.append("- ").append(isMet ? "met: " : "**missed**: ").append(text).append('\n');
        return this;
    }

    /** A section of a document. */
    public String report() {
        StringBuilder text = new StringBuilder("## " + title + "\n\n");
        text.append("| | median | min to max | rounds | processor | the store's processor |\n")
                .append("|---|---|---|---|---|---|\n");
        for (Series series : results.values()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.3f s | %.3f to %.3f s | %s | %s | %s |%n",
                            series.contestant().replace("|", "\\|"),
                            series.seconds(),
                            series.fastest(),
                            series.slowest(),
                            series.rounds(),
                            cell(series.processorSeconds()),
                            cell(series.storeSeconds())));
        }
        return text.append('\n').append(goals).append('\n').toString();
    }

    private static String cell(double seconds) {
        return Double.isNaN(seconds) ? "-" : String.format(Locale.ROOT, "%.2f s", seconds);
    }
}
