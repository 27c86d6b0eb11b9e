package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.Change;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The telling of a reign that has begun: whom it succeeds, why, and after how long. */
final class Accession {

    private final Membership membership;
    private final ElectorListener listener;
    private final Pace pace;

    private Epoch announced = Epoch.NONE;
    private @Nullable MemberName predecessor;
    private String reason = "the cluster was made";

    Accession(Membership membership, ElectorListener listener, Pace pace) {
        this.membership = membership;
        this.listener = listener;
        this.pace = pace;
    }

    /** Remembers what the reign to come follows upon. */
    void follows(Decision.Stand stand) {
        Vacancy vacancy = stand.expected().vacancy();
        predecessor = stand.expected().primary();
        reason =
                vacancy == null
                        ? "the session of " + stand.expected().primary() + " ended"
                        : vacancy.reason();
    }

    boolean isAnnounced(ClusterState ready) {
        return announced.equals(ready.epoch());
    }

    /** Tells everybody; called again until it has come to its end once. */
    void announce(ClusterState ready, TimelineHistory history, Duration vacant) {
        listener.onReady(ready, history);
        membership.record(
                new Change(
                        ready.epoch(),
                        predecessor,
                        ready.primary(),
                        ready.lineage().timeline(),
                        ready.lineage().switchedAt(),
                        reason,
                        vacant.toMillis(),
                        pace.date()));
        membership.clearBallots(ready.epoch());
        announced = ready.epoch();
    }
}
