package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What an asynchronous standby may lack, and still succeed its primary. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AcceptedLossTest {

    private static final Duration LONG_AGO = Duration.ofSeconds(3);

    private static Ballot ballot(MemberName member, Lsn received, long mostLoss) {
        return new Ballot(
                member,
                EPOCH.next(),
                TIMELINE,
                received,
                0,
                Ballot.Concession.NONE,
                null,
                mostLoss,
                null);
    }

    /** N2 is the healthiest, and its primary was the whole segment and some bytes ahead. */
    private static Situations healthiest(long ahead) {
        return well().with(state(Phase.READY, N1).withSynchronous(null))
                .with(Mode.OFF)
                .with(standby(TIMELINE, END, N1))
                .with(told(ahead))
                .withMembers(status(N2, Role.STANDBY))
                .withBallots(ballot(N2, END, Settings.MOST_LOSS))
                .vacantFor(LONG_AGO, LONG_AGO);
    }

    private static Renewal told(long ahead) {
        return new Renewal(N1, EPOCH, new Lsn(END.value() + ahead));
    }

    @Test
    void nobody_stands_while_it_cannot_be_read_how_far_the_last_primary_had_written() {
        Decision decision = healthiest(0).withUnreadable(ClusterView.RENEWAL).decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_UNREADABLE);
    }

    @Test
    void who_lacks_no_more_than_is_accepted_stands_and_says_what_it_lacks() {
        Decision decision = healthiest(Settings.MOST_LOSS).decided();

        assertReason(decision, Decision.Stand.class, Code.HEALTHIEST);
        assertThat(decision.reason().detail()).endsWith("had written 16777216 bytes more");
    }

    @Test
    void who_lacks_more_does_not_stand_and_says_what_an_operator_can_do() {
        Decision decision = healthiest(Settings.MOST_LOSS + 1).decided();

        assertReason(decision, Decision.Hold.class, Code.LACKS_TOO_MUCH);
        assertThat(decision.reason().detail())
                .contains("lacks at least 16777217 bytes", "election.most-loss (16777216)")
                .contains("bring " + N1 + " back, or accept the loss");
    }

    @Test
    void the_operator_can_accept_more() {
        assertThat(healthiest(1L << 40).withBallots(ballot(N2, END, Long.MAX_VALUE)).decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void what_a_primary_told_before_the_last_one_says_nothing() {
        Renewal earlier = new Renewal(N3, new Epoch(EPOCH.value() - 1), new Lsn(END.value() << 8));

        assertThat(healthiest(0).with(earlier).decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_shutdown_checkpoint_tells_too() {
        Vacancy vacancy = new Vacancy(new Lsn(END.value() + 8), null, "stopped");
        Situations stopped =
                healthiest(0)
                        .with(state(Phase.READY, N1).withSynchronous(null).vacated(vacancy))
                        .withBallots(ballot(N2, END, 7));

        assertReason(stopped.decided(), Decision.Hold.class, Code.LACKS_TOO_MUCH);
        assertThat(stopped.withBallots(ballot(N2, END, 8)).decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void the_last_primary_itself_is_not_refused_in_front() {
        Situations returned =
                healthiest(100)
                        .with(state(Phase.READY, N2).withSynchronous(null))
                        .withBallots(ballot(N2, END, 0));

        assertThat(returned.decided()).isInstanceOf(Decision.Stand.class);
    }

    /** Whoever accepts anything would throw away what the other saves for its operator. */
    @Test
    void nobody_passes_one_who_has_more_and_accepts_less() {
        Ballot better = ballot(N3, new Lsn(END.value() + 10), 5);
        Situations second =
                healthiest(20)
                        .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                        .withBallots(ballot(N2, END, Long.MAX_VALUE), better);

        assertReason(second.decided(), Decision.Hold.class, Code.LACKS_TOO_MUCH);
        assertThat(second.decided().reason().detail())
                .startsWith(N3 + " could succeed " + N1 + ", and lacks at least 10 bytes");
        assertThat(
                        healthiest(15)
                                .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                                .withBallots(ballot(N2, END, Long.MAX_VALUE), better)
                                .decided()
                                .reason()
                                .detail())
                .contains("at " + END + "; the last primary had written 15 bytes more");
    }

    /** Its disk may have been set back: then others have what it lacks. */
    @Test
    void the_last_primary_is_refused_behind_another() {
        Situations returned =
                healthiest(20)
                        .with(state(Phase.READY, N2).withSynchronous(null))
                        .withMembers(status(N2, Role.STANDBY), status(N3, Role.STANDBY))
                        .withBallots(ballot(N2, END, 0), ballot(N3, new Lsn(END.value() + 20), 0));

        assertReason(returned.decided(), Decision.Hold.class, Code.LACKS_TOO_MUCH);
    }

    @Test
    void with_synchronous_standbys_nothing_that_was_promised_is_lacking() {
        assertThat(
                        healthiest(1L << 40)
                                .with(Mode.ON)
                                .with(state(Phase.READY, N1))
                                .withBallots(ballot(N2, END, 0), ballot(N3, END, 0))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }
}
