package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.postgres.TimelineId;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What is decided while a cluster is being made. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FoundingDecisionTest {

    @Test
    void a_standby_of_a_cluster_in_its_own_making_is_stopped_to_start_as_the_primary() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.BOOTSTRAPPING, N1))
                        .with(standby(new TimelineId(1), END, null))
                        .withLatch()
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stop.class, stop -> assertThat(stop.needsRepair()).isFalse());
    }

    @Test
    void a_cluster_in_the_making_is_never_vacated() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.BOOTSTRAPPING, N1))
                        .with(stopped(null, Cause.NOT_STARTED))
                        .decided();

        assertThat(decision).isNotInstanceOf(Decision.Release.class);
    }
}
