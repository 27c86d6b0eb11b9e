package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.MemberName;
import java.time.Duration;
import java.util.Set;

/** The other members, asked directly, without ZooKeeper. */
@FunctionalInterface
public interface Electors {

    /**
     * Asks all of them at once, and waits for so long at most. Who does not answer, or not in time,
     * or cannot prove who it is, has not vowed.
     *
     * @return who has vowed, in answer to this very appeal
     */
    Set<MemberName> vowTo(Appeal appeal, Set<MemberName> members, Duration patience)
            throws InterruptedException;
}
