package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
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
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a data directory that no rewind can help, and of a standby that stands still. */
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

    @ParameterizedTest
    @CsvSource({"NONE, REWIND", "REWIND, DELTA", "DELTA, REPLACE", "REPLACE, REPLACE"})
    void what_did_not_help_is_followed_by_more(Repair last, Repair next) {
        assertThat(last.next()).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource({"0, , false", "999, , false", "1000, , true", "1000, 0, true", "60000, 1, false"})
    void only_what_streams_for_a_while_and_lacks_nothing_is_proven(
            int millis, @Nullable Long lacks, boolean isProven) {
        OwnPostgres.Standby standby =
                standing(Duration.ofMillis(millis), lacks == null ? null : END.plus(lacks));

        assertThat(standby.isProven()).isEqualTo(isProven);
    }

    @Test
    void streaming_in_an_election_proves_nothing() {
        OwnPostgres.Standby plain = standing(Duration.ofSeconds(5), null);
        OwnPostgres.Standby catchingUp =
                new OwnPostgres.Standby(
                        plain.status(),
                        plain.history(),
                        plain.following(),
                        plain.stalledFor(),
                        new Epoch(4),
                        plain.streamingFor(),
                        false,
                        null);

        assertThat(catchingUp.isProven()).isFalse();
    }

    @Test
    void a_member_of_the_synchronous_set_that_may_have_forgotten_does_not_vote() {
        Situations vacant = well().with(vacant(null));

        assertReason(vacant.with(lacking(1L)).decided(), Decision.Hold.class, Code.HAS_FORGOTTEN);
        assertThat(List.of(lacking(0L), lacking(null)))
                .allSatisfy(standby ->
                        assertThat(vacant.with(standby).decided())
                                .isInstanceOf(Decision.Vote.class));
    }

    @Test
    void it_votes_if_others_do_not_count_on_it_or_it_has_all_of_the_log() {
        SynchronousSet others = SynchronousSet.any(1, List.of(N3));

        assertThat(
                        List.of(
                                vacant(null).withSynchronous(null),
                                vacant(null).withSynchronous(SynchronousSet.NONE),
                                vacant(null).withSynchronous(others),
                                vacant(END)))
                .allSatisfy(state ->
                        assertThat(well().with(state).with(lacking(1L)).decided())
                                .isInstanceOf(Decision.Vote.class));
        assertReason(
                well().with(vacant(END.plus(1))).with(lacking(1L)).decided(),
                Decision.Hold.class,
                Code.HAS_FORGOTTEN);
    }

    private static ClusterState vacant(@Nullable Lsn end) {
        return state(Phase.READY, N1).vacated(new Vacancy(end, null, "test"));
    }

    /** So many bytes of what it may have confirmed; absent if it was not brought back. */
    private static OwnPostgres lacking(@Nullable Long bytes) {
        return standing(Duration.ZERO, bytes == null ? null : END.plus(bytes));
    }

    private static OwnPostgres.Standby standing(Duration streamingFor, @Nullable Lsn forgotten) {
        OwnPostgres.Standby plain = (OwnPostgres.Standby) Situations.standby(TIMELINE, END, N1);
        return new OwnPostgres.Standby(
                plain.status(),
                plain.history(),
                plain.following(),
                Duration.ZERO,
                null,
                streamingFor,
                false,
                forgotten);
    }

    private static void assertReason(Decision decision, Class<? extends Decision> kind, Code code) {
        assertThat(decision).isInstanceOf(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
    }
}
