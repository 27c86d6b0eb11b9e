package io.matriarch.failover;

import java.time.Duration;
import java.util.List;

/**
 * What Matriarch is to reach.
 *
 * @param isForAll whether every round must reach it; else their median
 */
record Goal(Duration outage, boolean isForAll) {

    /** As long as a client may wait for one commit while nothing is wrong, on a busy machine. */
    static final Goal NO_OUTAGE = most(250);

    /** However long it takes: that nothing is lost is what counts. */
    static final Goal HONESTY = most(Duration.ofMinutes(4).toMillis());

    static Goal median(long millis) {
        return new Goal(Duration.ofMillis(millis), false);
    }

    static Goal most(long millis) {
        return new Goal(Duration.ofMillis(millis), true);
    }

    boolean isReachedBy(List<Duration> outages) {
        return (isForAll ? outages.stream().max(Duration::compareTo) : Rounds.median(outages))
                .filter(shown -> shown.compareTo(outage) <= 0)
                .isPresent();
    }

    @Override
    public String toString() {
        if (equals(HONESTY)) {
            return "nothing lost";
        }
        return (isForAll ? "≤ " : "median ≤ ") + Rounds.seconds(outage);
    }
}
