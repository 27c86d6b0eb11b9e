package io.matriarch.benchmark;

/**
 * One measurement.
 *
 * @param seconds on the wall
 * @param processorSeconds of all processes of the contestant, user and system; NaN if it was not
 *     taken
 */
record Sample(double seconds, double processorSeconds) {

    static Sample wall(double seconds) {
        return new Sample(seconds, Double.NaN);
    }
}
