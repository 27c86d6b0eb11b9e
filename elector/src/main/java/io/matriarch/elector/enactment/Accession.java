package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.Change;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The telling of a reign that has begun: whether clients may come, whom it succeeds, why, and after
 * how long.
 */
final class Accession {

    private final Surroundings around;
    private final Membership membership;
    private final Authority authority;

    private Epoch announced = Epoch.NONE;
    private Lsn knownEnd = Lsn.ZERO;
    private @Nullable MemberName predecessor;
    private String reason = "the cluster was made";

    Accession(Surroundings around, Membership membership, Authority authority) {
        this.around = around;
        this.membership = membership;
        this.authority = authority;
    }

    /**
     * Clients must wait; before a restart in place, or after it. A timeline that the record does
     * not know yet is told with it, for the standbys are to follow.
     */
    void recovering(Situation now) {
        publish(Phase.RECOVERING, now);
    }

    /** Clients may come; returns whether that is told. */
    boolean ready(Situation now) {
        if (!(now.postgres() instanceof OwnPostgres.Primary)) {
            return false;
        }
        if (Enactor.state(now).phase() == Phase.BOOTSTRAPPING) {
            around.server().createRoles();
        }
        return publish(Phase.READY, now);
    }

    private boolean publish(Phase phase, Situation now) {
        ClusterState next = Enactor.state(now).withPhase(phase);
        if (now.postgres() instanceof OwnPostgres.Primary primary) {
            TimelineHistory history = history(primary.status().timeline());
            Lsn switchedAt =
                    history.switches().isEmpty() ? Lsn.ZERO : history.switches().getLast().at();
            next =
                    next.withLineage(
                            new Lineage(history.timeline(), switchedAt),
                            primary.status().systemIdentifier());
        }
        return authority.write(next, Enactor.view(now).stateVersion()).isDone();
    }

    private TimelineHistory history(TimelineId timeline) {
        return around.files()
                .history(timeline)
                .orElseThrow(() ->
                        new IllegalStateException(
                                timeline.historyFileName() + " is missing in pg_wal"));
    }

    /** Remembers what the reign to come follows upon. */
    void follows(Decision.Stand stand, ClusterView view) {
        Vacancy vacancy = stand.expected().vacancy();
        knownEnd = view.knownEnd();
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
    void announce(ClusterState ready, Duration vacant) {
        around.listener().onReady(ready, history(ready.lineage().timeline()));
        membership.record(
                new Change(
                        ready.epoch(),
                        predecessor,
                        ready.primary(),
                        ready.lineage().timeline(),
                        ready.lineage().switchedAt(),
                        knownEnd.beyond(ready.lineage().switchedAt()),
                        reason,
                        vacant.toMillis(),
                        around.pace().date()));
        membership.clearBallots(ready.epoch());
        announced = ready.epoch();
    }
}
