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
import io.matriarch.elector.situation.Epoch;
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

    private static final Ballot OWN =
            new Ballot(N2, EPOCH.next(), TIMELINE, END, 0, Ballot.Concession.DEFAULT, null);

    /** N2 is the healthiest, and its primary was the whole segment and some bytes ahead. */
    private static Situations healthiest(long ahead) {
        return well().with(state(Phase.READY, N1).withSynchronous(null))
                .with(Mode.OFF)
                .with(standby(TIMELINE, END, N1))
                .with(told(ahead))
                .withMembers(status(N2, Role.STANDBY))
                .withBallots(OWN)
                .vacantFor(LONG_AGO, LONG_AGO);
    }

    private static Renewal told(long ahead) {
        return new Renewal(N1, EPOCH, TIMELINE, new Lsn(END.value() + ahead));
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
        assertThat(healthiest(1L << 40).withMostLoss(Long.MAX_VALUE).decided())
                .isInstanceOf(Decision.Stand.class);
    }

    @Test
    void what_a_primary_told_before_the_last_one_says_nothing() {
        Renewal earlier =
                new Renewal(N3, new Epoch(EPOCH.value() - 1), TIMELINE, new Lsn(END.value() << 8));

        assertThat(healthiest(0).with(earlier).decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_shutdown_checkpoint_tells_too() {
        Vacancy vacancy = new Vacancy(new Lsn(END.value() + 8), null, "stopped");
        Situations stopped =
                healthiest(0)
                        .with(state(Phase.READY, N1).withSynchronous(null).vacated(vacancy))
                        .withMostLoss(7);

        assertReason(stopped.decided(), Decision.Hold.class, Code.LACKS_TOO_MUCH);
        assertThat(stopped.withMostLoss(8).decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void the_last_primary_itself_is_never_refused() {
        Situations returned =
                healthiest(100).with(state(Phase.READY, N2).withSynchronous(null)).withMostLoss(0);

        assertThat(returned.decided()).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void with_synchronous_standbys_nothing_that_was_promised_is_lacking() {
        assertThat(
                        healthiest(1L << 40)
                                .with(Mode.ON)
                                .with(state(Phase.READY, N1))
                                .withBallots(
                                        OWN,
                                        new Ballot(N3, EPOCH.next(), TIMELINE, END, 0, null, null))
                                .decided())
                .isInstanceOf(Decision.Stand.class);
    }
}
