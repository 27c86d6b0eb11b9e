package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.situation.MemberName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Which of several equal servers is next: fewest sessions, then the one not asked for longest. */
final class Balance {

    private Balance() {}

    /** Empty if none of them has room for one more log-in now. */
    static Optional<Target.Standby> leastLoaded(
            List<Target.Standby> candidates, Function<MemberName, ServerLoad> loads) {
        Comparator<Target.Standby> bySessions =
                Comparator.comparingInt(standby -> loads.apply(standby.member()).sessions());
        Comparator<Target.Standby> byTurn =
                Comparator.comparingLong(standby -> loads.apply(standby.member()).lastAssigned());
        return candidates.stream()
                .filter(standby -> loads.apply(standby.member()).hasRoom())
                .min(bySessions.thenComparing(byTurn));
    }
}
