package io.matriarch.benchmark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What one contestant has shown in all rounds of one kind of work. */
public final class Series {

    private final String contestant;
    private final List<Sample> samples = new ArrayList<>();

    public Series(String contestant) {
        this.contestant = contestant;
    }

    public void add(Sample sample) {
        samples.add(sample);
    }

    public String contestant() {
        return contestant;
    }

    public double seconds() {
        return median(Sample::seconds);
    }

    public double processorSeconds() {
        return median(Sample::processorSeconds);
    }

    public double storeSeconds() {
        return median(Sample::storeSeconds);
    }

    /** How many rounds there were, and what became of them. */
    public String rounds() {
        long failed = samples.stream().filter(Sample::hasFailed).count();
        return samples.size() + (failed == 0 ? "" : ", **" + failed + " failed**");
    }

    public double fastest() {
        return samples.stream().mapToDouble(Sample::seconds).min().orElse(Double.NaN);
    }

    public double slowest() {
        return samples.stream().mapToDouble(Sample::seconds).max().orElse(Double.NaN);
    }

    private double median(ToDoubleFunction<Sample> part) {
        double[] sorted = samples.stream().mapToDouble(part).sorted().toArray();
        if (sorted.length == 0 || Arrays.stream(sorted).anyMatch(Double::isNaN)) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
