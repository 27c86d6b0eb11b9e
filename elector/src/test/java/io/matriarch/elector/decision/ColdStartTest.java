package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.HISTORY;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.ballot;
import static io.matriarch.elector.decision.Situations.server;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.elector.situation.Vacancy;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All hosts were off, and their members come back: {@code n1} was the last primary. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ColdStartTest {

    private static final Duration NOW = Duration.ZERO;
    private static final Duration PATIENCE = Patience.DEFAULT.ballot();
    private static final Duration TURN = Patience.DEFAULT.turn();
    private static final Ballot LESS = ballot(N2, "0/5FFFFFF");
    private static final Ballot ALL = ballot(N1, "0/6000000");

    @Test
    void the_last_primary_starts_at_once_clean_or_not() {
        OwnPostgres clean =
                new OwnPostgres.Stopped(
                        Situations.data(EPOCH, Repair.NONE, true), Cause.NOT_STARTED);

        assertThat(back(clean).decided()).isInstanceOf(Decision.StartAsStandby.class);
        assertThat(back(stopped(EPOCH, Cause.NOT_STARTED)).decided())
                .isInstanceOf(Decision.StartAsStandby.class);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOT_STARTED")
    void one_that_fell_since_its_supervisor_started_lets_the_others_stand_first(Cause cause) {
        assertReason(
                back(stopped(EPOCH, cause)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_OTHERS_TO_STAND);
    }

    @Test
    void who_was_catching_up_is_not_the_last_primary() {
        Decision decision =
                back(stopped(EPOCH, Cause.NOT_STARTED)).with(state(Phase.READY, N3)).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_OTHERS_TO_STAND);
    }

    @Test
    void who_was_succeeded_long_ago_does_not_start() {
        Decision decision = back(stopped(new Epoch(3), Cause.NOT_STARTED)).decided();

        assertReason(decision, Decision.Hold.class, Code.WAITING_FOR_PRIMARY);
    }

    @Test
    void a_standby_that_was_just_started_waits_for_a_last_primary_that_is_not_there_yet() {
        Situations booted = standby(true).withBallots(LESS);

        assertReason(
                booted.vacantFor(NOW, PATIENCE.minusMillis(1)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_LAST_PRIMARY);
        assertReason(
                booted.vacantFor(NOW, PATIENCE).decided(), Decision.Stand.class, Code.HEALTHIEST);
    }

    @Test
    void a_standby_that_has_streamed_never_waits_for_it() {
        Situations running = standby(false).withBallots(LESS);

        assertThat(running.vacantFor(NOW, NOW).decided()).isInstanceOf(Decision.Stand.class);
        assertThat(
                        running.withMembers(status(N1, Role.STARTING), status(N2, Role.STANDBY))
                                .vacantFor(NOW, NOW)
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_recovery_in_which_commits_come_back_that_nobody_else_need_have_is_waited_for() {
        Situations booted =
                standby(true)
                        .withBallots(LESS)
                        .withMembers(status(N1, Role.STARTING), status(N2, Role.STANDBY));

        assertReason(
                booted.vacantFor(NOW, ColdStart.RECOVERY.minusMillis(1)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_LAST_PRIMARY);
        assertThat(booted.vacantFor(NOW, ColdStart.RECOVERY).decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_recovery_without_which_nothing_is_lost_is_waited_for_no_longer_than_a_vote() {
        Situations booted =
                standby(true)
                        .with(state(Phase.READY, N1))
                        .with(Mode.ON)
                        .withBallots(LESS, ballot(N3, "0/5FFFFFF"))
                        .withMembers(
                                status(N1, Role.STARTING),
                                status(N2, Role.STANDBY),
                                status(N3, Role.STANDBY));

        assertReason(
                booted.vacantFor(NOW, PATIENCE.minusMillis(1)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_LAST_PRIMARY);
        assertThat(booted.vacantFor(NOW, PATIENCE).decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void the_last_primary_that_was_waited_for_has_its_turn_from_its_vote_on() {
        Situations booted =
                standby(true)
                        .withBallots(LESS, ALL)
                        .withMembers(status(N1, Role.STANDBY), status(N2, Role.STANDBY))
                        .vacantFor(NOW, TURN.multipliedBy(3));

        assertReason(
                booted.knowing(N1, PATIENCE.plus(TURN).minusMillis(1)).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_TURN);
        assertThat(booted.knowing(N1, PATIENCE.plus(TURN)).decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_planned_successor_that_has_everything_waits_for_nobody() {
        ClusterState handedOver =
                state(Phase.READY, N1).vacated(new Vacancy(END, N2, "planned switchover"));

        Decision decision =
                standby(true)
                        .with(handedOver)
                        .withBallots(ballot(N2, "0/6000000"))
                        .vacantFor(NOW, NOW)
                        .decided();

        assertReason(decision, Decision.Stand.class, Code.SUCCEEDS_AS_PLANNED);
    }

    @Test
    void among_equals_the_last_primary_is_the_first_whatever_its_priority() {
        Ballot preferred =
                new Ballot(N2, EPOCH.next(), TIMELINE, END, 9, Ballot.Concession.DEFAULT, null);

        Situations all =
                standby(true).withMembers(status(N1, Role.STANDBY), status(N2, Role.STANDBY));

        assertReason(
                all.withBallots(preferred, ALL).vacantFor(NOW, NOW).decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_TURN);
        assertReason(
                all.seenBy(N1).withBallots(preferred, ALL).vacantFor(NOW, NOW).decided(),
                Decision.Stand.class,
                Code.HEALTHIEST);
    }

    @Test
    void the_last_primary_gives_way_to_nobody() {
        Ballot preferred =
                new Ballot(
                        N2,
                        EPOCH.next(),
                        TIMELINE,
                        LESS.received(),
                        9,
                        Ballot.Concession.DEFAULT,
                        null);
        Ballot own =
                new Ballot(N1, EPOCH.next(), TIMELINE, END, 0, Ballot.Concession.DEFAULT, null);

        Decision decision =
                standby(true).seenBy(N1).withBallots(preferred, own).vacantFor(NOW, NOW).decided();

        assertReason(decision, Decision.Stand.class, Code.HEALTHIEST);
    }

    /** What {@code n1} sees when it is back. */
    private static Situations back(OwnPostgres own) {
        return well().seenBy(N1)
                .with(state(Phase.READY, N1))
                .with(own)
                .withMembers()
                .vacantFor(NOW, null);
    }

    /** What {@code n2} sees, in asynchronous mode. */
    private static Situations standby(boolean isColdStarted) {
        return well().with(state(Phase.READY, N1).withSynchronous(null))
                .with(Mode.OFF)
                .with(
                        new OwnPostgres.Standby(
                                server(true, TIMELINE, END),
                                HISTORY,
                                null,
                                NOW,
                                null,
                                Duration.ZERO,
                                isColdStarted,
                                null))
                .withMembers(status(N2, Role.STANDBY))
                .withLatch();
    }
}
