package io.matriarch.elector.simulation.time;

import java.util.List;
import java.util.SplittableRandom;

/** All chance there is: what a seed gives. */
public final class Chance {

    private final SplittableRandom random;

    public Chance(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Another stream of chance that this one does not disturb. */
    public Chance split() {
        return new Chance(random.nextLong());
    }

    /** A number from {@code least} to {@code most}, both included. */
    public long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    public boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    public <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
