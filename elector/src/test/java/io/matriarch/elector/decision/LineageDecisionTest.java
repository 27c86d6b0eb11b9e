package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.HISTORY;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.SWITCH;
import static io.matriarch.elector.decision.Situations.SYSTEM;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.ballot;
import static io.matriarch.elector.decision.Situations.server;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Which line of history a member may follow, stand with, and tell of. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineageDecisionTest {

    /** A second promotion would begin a timeline that others follow before the record knows it. */
    @Test
    void who_was_ready_once_in_its_epoch_is_not_promoted_again() {
        OwnPostgres startedWithoutLease =
                new OwnPostgres.Standby(
                        server(true, TIMELINE, END), HISTORY, null, Duration.ZERO, EPOCH);

        assertReason(
                well().with(state(Phase.READY, N2)).with(startedWithoutLease).reigning().decided(),
                Decision.Stop.class,
                Code.STARTED_WITHOUT_LEASE);
        assertReason(
                well().with(state(Phase.PROMOTING, N2))
                        .with(startedWithoutLease)
                        .reigning()
                        .decided(),
                Decision.Promote.class,
                Code.AUTHORITY_TAKEN);
    }

    /** Two timelines of one number may have begun at one place. */
    @Test
    void who_was_primary_before_the_last_one_neither_follows_nor_stands_unrepaired() {
        OwnPostgres longSucceeded =
                new OwnPostgres.Standby(
                        server(true, TIMELINE, SWITCH),
                        HISTORY,
                        null,
                        Duration.ZERO,
                        new Epoch(EPOCH.value() - 2));
        ClusterState third =
                state(Phase.READY, N1).withLineage(new Lineage(TIMELINE.next(), END), SYSTEM);

        assertReason(
                well().with(third).with(longSucceeded).decided(),
                Decision.Stop.class,
                Code.DIVERGED);
        assertReason(
                well().with(longSucceeded).vacantFor(Duration.ofMinutes(1), null).decided(),
                Decision.Hold.class,
                Code.WAITING_FOR_PRIMARY);
    }

    /** It fell before it could note its new reign, and nobody else has reigned since the last. */
    @Test
    void who_succeeded_itself_may_stand_again() {
        OwnPostgres itself =
                new OwnPostgres.Standby(
                        server(true, TIMELINE, END),
                        HISTORY,
                        null,
                        Duration.ZERO,
                        new Epoch(EPOCH.value() - 1));

        assertReason(
                well().with(state(Phase.PROMOTING, N2))
                        .with(itself)
                        .vacantFor(Duration.ofMinutes(1), null)
                        .decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
        assertReason(
                well().with(state(Phase.PROMOTING, N1))
                        .with(itself)
                        .vacantFor(Duration.ofMinutes(1), null)
                        .decided(),
                Decision.Hold.class,
                Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void nobody_is_followed_before_the_first_moment_of_its_reign() {
        Decision decision =
                well().with(state(Phase.PROMOTING, N1))
                        .with(standby(TIMELINE, END, null))
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void the_last_primary_is_not_followed_while_another_is_first_in_line() {
        Decision decision = well().with(standby(TIMELINE, END, null)).withLatch(N3).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void the_last_primary_is_not_followed_while_it_stands_as_a_standby_itself() {
        Decision decision =
                well().with(standby(TIMELINE, END, null))
                        .withMembers(status(N1, Role.STANDBY), status(N2, Role.STANDBY))
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void a_serving_primary_is_followed() {
        Decision decision = well().with(standby(TIMELINE, END, null)).decided();

        assertReason(decision, Decision.Follow.class, Code.PRIMARY_MOVED);
    }

    @Test
    void what_a_former_primary_wrote_under_the_timelines_number_is_undone() {
        OwnPostgres own =
                new OwnPostgres.Standby(
                        server(true, TIMELINE, END), HISTORY, null, Duration.ZERO, EPOCH);

        assertReason(well().with(own).decided(), Decision.Stop.class, Code.DIVERGED);
    }

    @Test
    void who_has_nothing_of_the_clusters_timeline_asks_the_archive_instead_of_standing() {
        Decision decision =
                well().with(state(Phase.VACANT, N1))
                        .withMembers(status(N2, Role.STANDBY))
                        .with(standby(TimelineId.FIRST, SWITCH, null))
                        .vacantFor(Duration.ofMinutes(1), null)
                        .decided();

        assertReason(decision, Decision.Follow.class, Code.STREAM_IS_MISSING);
    }

    @Test
    void a_candidate_rests_on_the_ballots_of_its_own_election_only() {
        Decision decision =
                well().with(state(Phase.VACANT, N1))
                        .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                        .with(standby(TIMELINE, END, null))
                        .withBallots(ballot(N2, "0/6000000"), ballot(N3, "0/5000000"))
                        .vacantFor(Duration.ofSeconds(2), Duration.ofSeconds(2))
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stand.class,
                        stand ->
                                assertThat(stand.votes())
                                        .containsExactlyInAnyOrder(
                                                ballot(N2, "0/6000000"), ballot(N3, "0/5000000")));
    }
}
