package io.matriarch.archiver.planning;

import java.util.List;

/** How the planning of a restore ended. */
public sealed interface Planning {

    /** It can be done, like this. */
    record Planned(RestorePlan plan) implements Planning {}

    /**
     * It cannot be done.
     *
     * @param reason one sentence
     * @param hint what to do instead
     * @param reachable what could be reached
     */
    record Refused(String reason, String hint, List<Reachable> reachable) implements Planning {

        public Refused {
            reachable = List.copyOf(reachable);
        }
    }
}
