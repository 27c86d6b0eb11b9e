package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What becomes of a data directory that no rewind can help. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RepairDecisionTest {

    @Test
    void what_could_not_be_rewound_is_brought_back_by_a_delta_restore() {
        OwnPostgres halfRewound =
                new OwnPostgres.Stopped(data(new Epoch(4), Repair.DELTA, false), Cause.NOT_STARTED);

        assertReason(well().with(halfRewound).decided(), Decision.Delta.class, Code.HALF_DONE);
    }

    @Test
    void a_delta_restore_that_did_not_end_goes_on() {
        OwnPostgres unsealed = new OwnPostgres.Unsealed();

        assertReason(well().with(unsealed).decided(), Decision.Delta.class, Code.HALF_DONE);
        assertReason(
                well().with(state(Phase.PROMOTING, N1)).with(unsealed).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void no_cluster_is_made_over_a_delta_restore_that_did_not_end() {
        OwnPostgres unsealed = new OwnPostgres.Unsealed();

        Decision withoutCluster =
                well().with((ClusterState) null).withMembers().with(unsealed).decided();
        Decision inTheMaking =
                well().seenBy(N1)
                        .with(state(Phase.BOOTSTRAPPING, N1))
                        .with(unsealed)
                        .reigning()
                        .decided();

        assertReason(withoutCluster, Decision.Hold.class, Code.STATE_IS_MISSING);
        assertReason(inTheMaking, Decision.Hold.class, Code.HALF_DONE);
    }

    private static void assertReason(Decision decision, Class<? extends Decision> kind, Code code) {
        assertThat(decision).isInstanceOf(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
    }
}
