package io.matriarch.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What one contestant has shown in all rounds of one kind of work. */
final class Series {

    private final String contestant;
    private final List<Sample> samples = new ArrayList<>();

    Series(String contestant) {
        this.contestant = contestant;
    }

    void add(Sample sample) {
        samples.add(sample);
    }

    String contestant() {
        return contestant;
    }

    double seconds() {
        return median(Sample::seconds);
    }

    double processorSeconds() {
        return median(Sample::processorSeconds);
    }

    double storeSeconds() {
        return median(Sample::storeSeconds);
    }

    /** How many rounds there were, and what became of them. */
    String rounds() {
        long failed = samples.stream().filter(Sample::hasFailed).count();
        return samples.size() + (failed == 0 ? "" : ", **" + failed + " failed**");
    }

    double fastest() {
        return samples.stream().mapToDouble(Sample::seconds).min().orElse(Double.NaN);
    }

    double slowest() {
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
