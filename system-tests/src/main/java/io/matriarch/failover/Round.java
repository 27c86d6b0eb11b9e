package io.matriarch.failover;

import java.time.Duration;
import java.util.Optional;

/**
 * One fault, as clients lived through it.
 *
 * @param outage the longest time without an acknowledged commit for the client behind the way in
 * @param acknowledged how many commits clients were told of
 * @param lost how many of those behind the way in are not there afterwards
 * @param lostDirectly how many of the client that was connected to the old primary itself
 * @param overlapping how many of these show two servers writing at the same time
 * @param aborted transactions that ended by a failure after their first statement had succeeded
 * @param wellAfter the time from the end of the fault until all members did their duty again
 * @param failure why the round has no figures; absent mostly
 */
record Round(
        Duration outage,
        int acknowledged,
        int lost,
        int lostDirectly,
        int overlapping,
        int aborted,
        Duration wellAfter,
        Optional<String> failure) {

    static Round failed(String why) {
        return new Round(Duration.ZERO, 0, 0, 0, 0, 0, Duration.ZERO, Optional.of(why));
    }

    /** Whether all that clients were promised was kept, and nobody wrote who must not. */
    boolean isHonest() {
        return failure.isEmpty() && lost == 0 && lostDirectly == 0 && overlapping == 0;
    }

    @Override
    public String toString() {
        return failure.map(why -> "failed: " + why)
                .orElseGet(() ->
                        "outage %s, %d rows acknowledged, %d and %d lost, %d overlapping, %d transactions aborted, well after %s"
                                .formatted(
                                        Rounds.seconds(outage),
                                        acknowledged,
                                        lost,
                                        lostDirectly,
                                        overlapping,
                                        aborted,
                                        Rounds.seconds(wellAfter)));
    }
}
