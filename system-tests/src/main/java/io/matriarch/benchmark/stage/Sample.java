package io.matriarch.benchmark.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One measurement.
 *
 * @param seconds on the wall; infinite if the work was not done
 * @param processorSeconds of all processes of the contestant, user and system; NaN if it was not
 *     taken
 * @param storeSeconds of the store's server meanwhile; NaN if there is none
 */
public record Sample(double seconds, double processorSeconds, double storeSeconds) {

    /** Linux counts processor time in hundredths of a second. */
    private static final double TICKS = 100;

    static final Sample FAILED = wall(Double.POSITIVE_INFINITY);

    public Sample(double seconds, double processorSeconds) {
        this(seconds, processorSeconds, Double.NaN);
    }

    public static Sample wall(double seconds) {
        return new Sample(seconds, Double.NaN);
    }

    /** What a process that goes on has used so far, user and system, without its children. */
    public static double processorSecondsOf(Process process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Sample withStore(double used) {
        return new Sample(seconds, processorSeconds, used);
    }

    public boolean hasFailed() {
        return Double.isInfinite(seconds);
    }
}
