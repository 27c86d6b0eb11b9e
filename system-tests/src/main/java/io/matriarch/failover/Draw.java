package io.matriarch.failover;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Draws faults: the same seed gives the same faults in the same order, lasting as long. */
final class Draw {

    private static final List<Fault> FAULTS = Fault.usual();

    /** Beyond a session's timeout, so that both what is over before it and what is not happens. */
    private static final int LONGEST_MILLIS = 9_000;

    private final SplittableRandom random;

    Draw(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /**
     * @param lasts until it is cured
     */
    record Drawn(Fault fault, Duration lasts) {}

    Drawn next() {
        return new Drawn(
                FAULTS.get(random.nextInt(FAULTS.size())),
                Duration.ofMillis(random.nextInt(LONGEST_MILLIS)));
    }
}
