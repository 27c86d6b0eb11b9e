package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.SWITCH;
import static io.matriarch.elector.decision.Situations.ballot;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.endpoint;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DeciderTest {

    private static final Duration NOW = Duration.ZERO;
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void a_standby_of_a_well_primary_stays() {
        assertReason(well().decided(), Decision.Stay.class, Code.STANDBY_IS_WELL);
    }

    @Test
    void a_primary_with_authority_stays() {
        Decision decision =
                well().with(state(Phase.READY, N2)).with(primary()).reigning().decided();

        assertReason(decision, Decision.Stay.class, Code.PRIMARY_IS_WELL);
    }

    @Test
    void nothing_is_done_before_the_cluster_has_been_seen() {
        assertReason(well().withoutView().decided(), Decision.Hold.class, Code.CLUSTER_UNKNOWN);
    }

    // Never by accident.

    @Test
    void a_postgres_that_takes_writes_without_authority_is_stopped_at_once() {
        Decision decision = well().with(primary()).decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stop.class, stop -> assertThat(stop.isImmediate()).isTrue());
        assertReason(decision, Decision.Stop.class, Code.NO_AUTHORITY);
    }

    @Test
    void an_authority_of_an_older_epoch_counts_for_nothing() {
        Situations deposed = well().with(state(Phase.READY, N2)).with(primary()).reigning();

        Decision decision = deposed.with(state(Phase.READY, N1)).decided();

        assertReason(decision, Decision.Stop.class, Code.NO_AUTHORITY);
    }

    @Test
    void an_empty_zookeeper_beside_data_is_refused() {
        Decision decision = well().with((ClusterState) null).withMembers().decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_MISSING);
    }

    @Test
    void an_empty_member_makes_no_cluster_beside_a_member_with_data() {
        Decision decision =
                well().with((ClusterState) null)
                        .with(new OwnPostgres.Absent())
                        .withMembers(status(N1, Role.STOPPED))
                        .decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_MISSING);
    }

    @Test
    void the_data_of_another_cluster_is_left_alone() {
        ClusterState other =
                new ClusterState(
                        1,
                        EPOCH,
                        N1,
                        "i",
                        Phase.READY,
                        state(Phase.READY, N1).lineage(),
                        endpoint(N1),
                        null,
                        new io.matriarch.postgres.SystemIdentifier(78),
                        false,
                        null,
                        null);

        assertReason(
                well().with(other).decided(), Decision.Hold.class, Code.DATA_OF_ANOTHER_CLUSTER);
    }

    @Test
    void a_data_directory_that_is_nobodys_is_left_alone() {
        Decision decision = well().with(new OwnPostgres.Unusable("strange files")).decided();

        assertReason(decision, Decision.Hold.class, Code.DATA_DIRECTORY_UNUSABLE);
    }

    /** By the supervisor's word its server is dead, so another may take over. */
    @Test
    void a_primary_whose_data_cannot_be_used_gives_up_and_then_touches_nothing() {
        Situations unusable = well().with(new OwnPostgres.Unusable("strange files"));

        assertThat(unusable.with(state(Phase.READY, N2)).reigning().decided())
                .isInstanceOfSatisfying(
                        Decision.Release.class,
                        release -> assertThat(release.vacancy().finalPosition()).isNull());
        assertReason(
                unusable.with(state(Phase.VACANT, N2)).vacantFor(LONG, null).decided(),
                Decision.Hold.class,
                Code.DATA_DIRECTORY_UNUSABLE);
        assertReason(
                unusable.with(state(Phase.BOOTSTRAPPING, N2)).reigning().decided(),
                Decision.Hold.class,
                Code.DATA_DIRECTORY_UNUSABLE);
    }

    // Becoming and staying a standby.

    @Test
    void an_empty_member_is_built_from_the_ready_primary() {
        assertReason(
                well().with(new OwnPostgres.Absent()).decided(),
                Decision.Clone.class,
                Code.NO_DATA);
    }

    @Test
    void an_empty_member_waits_while_the_primary_is_not_ready() {
        Decision decision =
                well().with(state(Phase.PROMOTING, N1)).with(new OwnPostgres.Absent()).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_PRIMARY);
    }

    /** What a primary writes before it is ready may never become the cluster's. */
    @Test
    void a_standby_waits_until_a_new_primary_is_ready() {
        Decision early = well().with(state(Phase.PROMOTING, N3)).withLatch(N3).decided();

        assertReason(early, Decision.Stay.class, Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void a_former_primary_that_crashed_is_rewound() {
        Decision decision = well().with(stopped(new Epoch(4), Cause.CRASHED)).decided();

        assertReason(decision, Decision.Rewind.class, Code.DIVERGED);
    }

    @Test
    void a_former_primary_that_shut_down_before_the_switch_just_follows() {
        OwnPostgres handedOver =
                new OwnPostgres.Stopped(
                        new OwnPostgres.Data(
                                Situations.SYSTEM,
                                TimelineId.FIRST,
                                true,
                                SWITCH,
                                new Epoch(4),
                                Repair.NONE),
                        Cause.DESIRED);

        assertReason(
                well().with(handedOver).decided(),
                Decision.StartAsStandby.class,
                Code.PRIMARY_MOVED);
    }

    @Test
    void a_half_built_data_directory_is_built_anew() {
        OwnPostgres half =
                new OwnPostgres.Stopped(data(null, Repair.REPLACE, false), Cause.NOT_STARTED);

        assertReason(well().with(half).decided(), Decision.Clone.class, Code.HALF_DONE);
    }

    @Test
    void a_standby_beyond_the_switch_of_its_timeline_has_diverged() {
        OwnPostgres ahead = standby(TimelineId.FIRST, SWITCH.plus(1), N1);

        Decision decision = well().with(ahead).decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stop.class, stop -> assertThat(stop.needsRepair()).isTrue());
    }

    @Test
    void a_standby_behind_the_switch_has_not_diverged() {
        Decision decision = well().with(standby(TimelineId.FIRST, SWITCH, N1)).decided();

        assertReason(decision, Decision.Stay.class, Code.STANDBY_IS_WELL);
    }

    // Crash and release.

    @Test
    void a_crashed_primary_gives_way_to_a_standby() {
        Decision decision =
                well().seenBy(N1).with(stopped(EPOCH, Cause.CRASHED)).reigning().decided();

        assertReason(decision, Decision.Release.class, Code.CRASHED);
    }

    @Test
    void a_crashed_primary_starts_again_if_nobody_could_be_elected() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.RECOVERING, N1))
                        .with(stopped(EPOCH, Cause.CRASHED))
                        .withMembers(status(N1, Role.STOPPED), status(N2, Role.STREAMING))
                        .reigning()
                        .decided();

        assertReason(decision, Decision.StartAsPrimary.class, Code.CRASHED_WITH_NO_SUCCESSOR);
    }

    @Test
    void a_crash_tells_no_final_position() {
        Decision decision =
                well().seenBy(N1).with(stopped(EPOCH, Cause.CRASHED)).reigning().decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Release.class,
                        release -> assertThat(release.vacancy().finalPosition()).isNull());
    }

    // Election.

    @Test
    void a_standby_votes_when_the_place_is_vacant() {
        Decision decision = well().with(state(Phase.VACANT, N1)).vacantFor(NOW, null).decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Vote.class,
                        vote -> assertThat(vote.epoch()).isEqualTo(EPOCH.next()));
    }

    @Test
    void an_expired_session_is_a_vacancy() {
        assertThat(well().vacantFor(NOW, null).decided()).isInstanceOf(Decision.Vote.class);
    }

    @Test
    void the_healthiest_stands_once_all_have_voted() {
        Decision decision =
                vacant(ballot(N2, "0/6000000"), ballot(N3, "0/5FFFFFF"))
                        .vacantFor(NOW, NOW)
                        .decided();

        assertReason(decision, Decision.Stand.class, Code.HEALTHIEST);
    }

    @Test
    void a_less_healthy_one_never_stands_in_synchronous_mode() {
        Decision decision =
                vacant(ballot(N2, "0/5FFFFFF"), ballot(N3, "0/6000000"))
                        .vacantFor(LONG, LONG)
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_TURN);
    }

    @Test
    void a_less_healthy_one_stands_after_its_turn_in_asynchronous_mode() {
        Decision decision =
                vacant(ballot(N2, "0/5FFFFFF"), ballot(N3, "0/6000000"))
                        .with(state(Phase.VACANT, N1).withSynchronous(null))
                        .with(Mode.OFF)
                        .vacantFor(LONG, LONG)
                        .decided();

        assertThat(decision).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void one_vote_of_two_elects_nobody_in_synchronous_mode() {
        Decision decision = vacant(ballot(N2, "0/6000000")).vacantFor(LONG, LONG).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_VOTES);
    }

    @Test
    void a_member_outside_the_synchronous_set_elects_nobody() {
        ClusterState narrow =
                state(Phase.VACANT, N1).withSynchronous(SynchronousSet.any(1, List.of(N3)));

        Decision decision =
                vacant(ballot(N2, "0/6000000")).with(narrow).vacantFor(LONG, LONG).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_VOTES);
    }

    @Test
    void whoever_has_the_shutdown_checkpoint_needs_no_other_vote() {
        ClusterState clean =
                state(Phase.READY, N1)
                        .vacated(new Vacancy(Lsn.parse("0/6000000"), null, "it was stopped"));

        Decision decision =
                vacant(ballot(N2, "0/6000000")).with(clean).vacantFor(LONG, LONG).decided();

        assertReason(decision, Decision.Stand.class, Code.HEALTHIEST);
    }

    @Test
    void a_named_successor_without_the_shutdown_checkpoint_does_not_stand() {
        ClusterState clean =
                state(Phase.READY, N1)
                        .vacated(new Vacancy(Lsn.parse("0/6000001"), N2, "planned switchover"));

        Decision decision =
                vacant(ballot(N2, "0/6000000")).with(clean).vacantFor(LONG, LONG).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_VOTES);
    }

    @Test
    void the_last_primary_may_stand_by_its_own_vote() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.VACANT, N1))
                        .with(standby(Situations.TIMELINE, Situations.END, null))
                        .withMembers(status(N1, Role.STANDBY))
                        .withBallots(ballot(N1, "0/6000000"))
                        .vacantFor(LONG, LONG)
                        .decided();

        assertReason(decision, Decision.Stand.class, Code.HEALTHIEST);
    }

    /** Its disk was set back, or lied: what is more was acknowledged, perhaps. */
    @Test
    void the_last_primary_does_not_stand_if_another_shows_more() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.VACANT, N1))
                        .with(standby(Situations.TIMELINE, Situations.END, null))
                        .withMembers(status(N1, Role.STANDBY))
                        .withBallots(ballot(N1, "0/6000000"), ballot(N2, "0/6000001"))
                        .vacantFor(LONG, LONG)
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_VOTES);
    }

    @Test
    void the_last_primary_lets_the_others_stand_first() {
        Situations fallen =
                well().seenBy(N1).with(state(Phase.VACANT, N1)).with(stopped(EPOCH, Cause.CRASHED));

        assertReason(
                fallen.vacantFor(NOW, null).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_OTHERS_TO_STAND);
        assertReason(
                fallen.vacantFor(LONG, null).decided(),
                Decision.StartAsStandby.class,
                Code.PLACE_IS_VACANT);
    }

    @Test
    void a_standby_off_the_lineage_does_not_stand() {
        Decision decision =
                well().with(state(Phase.VACANT, N1))
                        .with(standby(TimelineId.FIRST, SWITCH.plus(1), null))
                        .vacantFor(NOW, null)
                        .decided();

        assertReason(decision, Decision.Hold.class, Code.NOT_ON_LINEAGE);
    }

    @Test
    void a_new_primary_shares_commits_with_those_that_voted() {
        Decision decision =
                vacant(ballot(N2, "0/6000000"), ballot(N3, "0/5FFFFFF"))
                        .vacantFor(NOW, NOW)
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stand.class,
                        stand ->
                                assertThat(stand.synchronous())
                                        .isEqualTo(SynchronousSet.any(1, List.of(N3))));
    }

    @Test
    void the_record_of_a_new_primary_forgets_nobody_who_may_have_commits() {
        Decision decision =
                vacant(ballot(N2, "0/6000000"), ballot(N3, "0/5FFFFFF"))
                        .vacantFor(NOW, NOW)
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stand.class,
                        stand ->
                                assertThat(stand.promised())
                                        .isEqualTo(SynchronousSet.any(1, List.of(N2, N3))));
    }

    @Test
    void two_timelines_of_one_number_are_told_apart_by_their_beginning() {
        OwnPostgres other =
                new OwnPostgres.Standby(
                        Situations.server(true, Situations.TIMELINE, END),
                        new io.matriarch.postgres.datadir.TimelineHistory(
                                Situations.TIMELINE,
                                List.of(
                                        new io.matriarch.postgres.datadir.TimelineHistory.Switch(
                                                TimelineId.FIRST, SWITCH.plus(8)))),
                        endpoint(N1),
                        NOW,
                        null);

        assertReason(well().with(other).decided(), Decision.Stop.class, Code.DIVERGED);
    }

    @Test
    void a_winner_promotes_and_then_tells() {
        Situations winner = well().with(state(Phase.PROMOTING, N2)).reigning();

        assertThat(winner.decided()).isInstanceOf(Decision.Promote.class);
        assertThat(winner.with(primary()).decided()).isInstanceOf(Decision.PublishReady.class);
    }

    private static Situations vacant(io.matriarch.elector.situation.Ballot... ballots) {
        return well().with(state(Phase.VACANT, N1))
                .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                .with(standby(Situations.TIMELINE, Situations.END, null))
                .withBallots(ballots);
    }

    static void assertReason(Decision decision, Class<? extends Decision> type, Code code) {
        assertThat(decision).isInstanceOf(type);
        assertThat(decision.reason().code()).isEqualTo(code);
    }
}
