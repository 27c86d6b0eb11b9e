package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.HISTORY;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.endpoint;
import static io.matriarch.elector.decision.Situations.server;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of {@code n2} and {@code n3} the one has more, and the other is preferred. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PreferenceDecisionTest {

    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Lsn LESS = Lsn.parse("0/5FFF000");

    private static Ballot ballot(MemberName member, Lsn received, int priority) {
        return new Ballot(
                member, EPOCH.next(), TIMELINE, received, priority, Concession.DEFAULT, null);
    }

    private static Ballot caughtUp(Ballot before) {
        return new Ballot(
                before.member(),
                before.epoch(),
                before.timeline(),
                END,
                before.priority(),
                before.concession(),
                N3);
    }

    private static OwnPostgres catchingUpWith(@Nullable MemberName source, Lsn written) {
        return new OwnPostgres.Standby(
                server(true, TIMELINE, written),
                HISTORY,
                source == null ? null : endpoint(source),
                Duration.ZERO,
                EPOCH);
    }

    /** {@code n2} is preferred, and 4096 bytes behind {@code n3}. */
    private static Situations seenByThePreferred(Duration voted) {
        return well().seenBy(N2)
                .with(standby(TIMELINE, LESS, null))
                .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                .withBallots(ballot(N2, LESS, 10), ballot(N3, END, 0))
                .vacantFor(voted, voted);
    }

    private static Situations seenByTheHealthiest(Duration voted) {
        return seenByThePreferred(voted).seenBy(N3).with(standby(TIMELINE, END, null));
    }

    @Test
    void the_preferred_streams_from_the_healthiest() {
        assertThat(seenByThePreferred(SOON).decided())
                .isInstanceOfSatisfying(
                        Decision.CatchUp.class,
                        catchUp -> {
                            assertThat(catchUp.source()).isEqualTo(N3);
                            assertThat(catchUp.from()).isEqualTo(endpoint(N3));
                            assertThat(catchUp.target()).isEqualTo(END);
                        });
    }

    @Test
    void it_goes_on_until_it_has_all_and_votes_again_then() {
        assertThat(seenByThePreferred(SOON).with(catchingUpWith(N3, LESS)).decided())
                .isInstanceOf(Decision.CatchUp.class);
        assertThat(seenByThePreferred(SOON).with(catchingUpWith(N3, END)).decided())
                .isInstanceOfSatisfying(
                        Decision.Vote.class, vote -> assertThat(vote.caughtUpWith()).isEqualTo(N3));
    }

    @ParameterizedTest
    @CsvSource({"999, true", "1000, false"})
    void it_has_half_of_the_patience(long votedMillis, boolean fetches) {
        Duration voted = Duration.ofMillis(votedMillis);

        Decision begins = seenByThePreferred(voted).decided();
        Decision goesOn = seenByThePreferred(voted).with(catchingUpWith(N3, LESS)).decided();

        if (fetches) {
            assertThat(begins).isInstanceOf(Decision.CatchUp.class);
            assertThat(goesOn).isInstanceOf(Decision.CatchUp.class);
        } else {
            assertReason(begins, Decision.Stay.class, Code.GIVING_WAY);
            assertReason(goesOn, Decision.Vote.class, Code.CAUGHT_UP);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1999, false", "2000, true", "60000, true"})
    void the_healthiest_gives_way_for_the_patience_and_no_longer(long votedMillis, boolean stands) {
        Decision decision = seenByTheHealthiest(Duration.ofMillis(votedMillis)).decided();

        if (stands) {
            assertThat(decision).isInstanceOf(Decision.Stand.class);
        } else {
            assertReason(decision, Decision.Stay.class, Code.GIVING_WAY);
            assertThat(decision.reason().detail()).contains("gives way to n2");
        }
    }

    @Test
    void who_has_waited_for_the_vote_of_the_preferred_gives_way_from_then_on() {
        assertReason(
                seenByTheHealthiest(LONG).knowing(N2, SOON).decided(),
                Decision.Stay.class,
                Code.GIVING_WAY);
        assertThat(seenByTheHealthiest(LONG).knowing(N2, Duration.ofSeconds(2)).decided())
                .isInstanceOf(Decision.Stand.class);
        assertThat(seenByThePreferred(LONG).knowing(N3, SOON).decided())
                .isInstanceOf(Decision.CatchUp.class);
    }

    @Test
    void who_has_caught_up_stands_at_once_and_before_the_healthiest() {
        Ballot more = caughtUp(ballot(N2, LESS, 10));
        Ballot other = ballot(N3, END, 0);

        assertThat(
                        seenByThePreferred(SOON)
                                .with(standby(TIMELINE, END, null))
                                .withBallots(more, other)
                                .decided())
                .isInstanceOf(Decision.Stand.class);
        assertReason(
                seenByTheHealthiest(Duration.ofMillis(3499)).withBallots(more, other).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_TURN);
        assertThat(seenByTheHealthiest(Duration.ofMillis(3500)).withBallots(more, other).decided())
                .as("should the preferred not stand")
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void of_two_ballots_of_one_member_the_greater_counts_and_once() {
        Ballot less = ballot(N2, LESS, 10);

        Decision decision =
                seenByThePreferred(SOON)
                        .with(standby(TIMELINE, END, null))
                        .withBallots(less, caughtUp(less), ballot(N3, END, 0))
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stand.class,
                        stand ->
                                assertThat(stand.votes())
                                        .containsExactly(caughtUp(less), ballot(N3, END, 0)));
    }

    @Test
    void two_ballots_of_one_member_are_no_quorum() {
        Ballot less = ballot(N2, LESS, 10);

        Decision decision = seenByThePreferred(LONG).withBallots(less, caughtUp(less)).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_VOTES);
    }

    @Test
    void among_equal_priorities_nobody_waits() {
        assertThat(
                        seenByTheHealthiest(Duration.ZERO)
                                .withBallots(ballot(N2, LESS, 7), ballot(N3, END, 7))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void who_lacks_more_than_is_granted_is_not_waited_for() {
        Lsn far = Lsn.parse("0/4FFFFFF");

        assertThat(
                        seenByTheHealthiest(Duration.ZERO)
                                .withBallots(ballot(N2, far, 10), ballot(N3, END, 0))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void another_timeline_is_not_fetched() {
        Ballot older =
                new Ballot(N2, EPOCH.next(), TimelineId.FIRST, LESS, 10, Concession.DEFAULT, null);

        assertThat(
                        seenByTheHealthiest(Duration.ZERO)
                                .withBallots(older, ballot(N3, END, 0))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void who_does_not_know_of_this_or_has_it_off_is_neither_waited_for_nor_streamed_from() {
        Ballot silent = new Ballot(N3, EPOCH.next(), TIMELINE, END, 0, null, null);

        assertThat(seenByThePreferred(SOON).withBallots(ballot(N2, LESS, 10), silent).decided())
                .isInstanceOf(Decision.Stay.class);
        assertThat(
                        seenByTheHealthiest(Duration.ZERO)
                                .withBallots(ballot(N2, LESS, 10), silent)
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_standby_whose_postgres_is_gone_is_not_waited_for() {
        assertThat(
                        seenByTheHealthiest(Duration.ZERO)
                                .withMembers(status(N2, Role.STOPPED), status(N3, Role.STANDBY))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void the_last_primary_fetches_nothing_from_others() {
        Situations situation =
                seenByTheHealthiest(Duration.ZERO)
                        .withMembers(status(N1, Role.STANDBY), status(N3, Role.STANDBY))
                        .withBallots(ballot(N1, LESS, 10), ballot(N2, LESS, 0), ballot(N3, END, 0));

        assertThat(situation.decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_planned_successor_gives_way_to_nobody() {
        Situations planned =
                seenByTheHealthiest(Duration.ZERO)
                        .with(state(Phase.READY, N1).vacated(new Vacancy(LESS, N3, "planned")));

        assertThat(planned.decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void nothing_is_fetched_once_somebody_stands() {
        Situations standing =
                seenByThePreferred(SOON)
                        .with(state(Phase.READY, N1).vacated(new Vacancy(null, null, "crashed")))
                        .with(catchingUpWith(N3, LESS))
                        .withLatch(N3);

        assertReason(standing.decided(), Decision.Vote.class, Code.CAUGHT_UP);
    }

    @Test
    void who_is_preferred_but_could_not_stand_even_then_is_not_waited_for() {
        // Of the synchronous set only n2 has voted; n1, the last primary, has every commit.
        Situations situation =
                well().seenBy(N1)
                        .with(standby(TIMELINE, END, null))
                        .withMembers(status(N1, Role.STANDBY), status(N2, Role.STANDBY))
                        .withBallots(ballot(N1, END, 0), ballot(N2, LESS, 10))
                        .vacantFor(LONG, SOON);

        assertThat(situation.decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_new_life_of_a_sidecar_votes_and_so_stops_what_the_earlier_one_began() {
        Decision decision =
                seenByThePreferred(SOON)
                        .with(catchingUpWith(N3, LESS))
                        .vacantFor(SOON, null)
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Vote.class, vote -> assertThat(vote.caughtUpWith()).isEqualTo(N3));
    }

    @ParameterizedTest
    @CsvSource({"PROMOTING", "VACANT"})
    void what_may_become_a_primary_that_nobody_hears_of_is_not_followed(Phase phase) {
        var taken = state(phase, N3);

        Decision decision =
                well().seenBy(N2)
                        .with(taken)
                        .with(
                                new OwnPostgres.Standby(
                                        server(true, TIMELINE, LESS),
                                        HISTORY,
                                        endpoint(N3),
                                        Duration.ZERO,
                                        new Epoch(4)))
                        .withLatch(N3)
                        .decided();

        assertReason(decision, Decision.StopReceiving.class, Code.SOURCE_MAY_CHANGE);
    }

    @Test
    void who_was_catching_up_when_another_began_to_stand_stops_and_is_not_rewound() {
        Situations standing =
                well().seenBy(N2)
                        .withMembers(status(N2, Role.STREAMING), status(N3, Role.STANDBY))
                        .withLatch(N3);

        assertReason(
                standing.with(catchingUpWith(N3, LESS)).decided(),
                Decision.StopReceiving.class,
                Code.SOURCE_MAY_CHANGE);
        assertReason(
                standing.with(catchingUpWith(null, LESS)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void in_maintenance_nobody_goes_on_catching_up() {
        var paused = Situations.paused(state(Phase.READY, N1));

        assertReason(
                seenByThePreferred(SOON).with(paused).with(catchingUpWith(N3, LESS)).decided(),
                Decision.StopReceiving.class,
                Code.SOURCE_MAY_CHANGE);
    }

    @Test
    void when_the_source_is_the_primary_and_ready_it_is_followed_as_such() {
        Decision decision =
                well().seenBy(N2)
                        .with(state(Phase.READY, N3))
                        .with(
                                new OwnPostgres.Standby(
                                        server(true, TimelineId.FIRST, Situations.SWITCH),
                                        io.matriarch.postgres.datadir.TimelineHistory.of(
                                                TimelineId.FIRST),
                                        endpoint(N3),
                                        Duration.ZERO,
                                        new Epoch(4)))
                        .withMembers(status(N2, Role.STREAMING), status(N3, Role.PRIMARY))
                        .withLatch(N3)
                        .decided();

        assertReason(decision, Decision.Follow.class, Code.PRIMARY_MOVED);
    }
}
