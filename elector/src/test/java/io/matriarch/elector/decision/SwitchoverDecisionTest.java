package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.SWITCH;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SwitchoverDecisionTest {

    @Test
    void a_switchover_begins_with_a_synchronous_standby() {
        Decision decision =
                well().with(state(Phase.READY, N2))
                        .with(primary())
                        .reigning()
                        .withSwitchoverTo(N3)
                        .withMembers(status(N2, Role.PRIMARY), status(N3, Role.STREAMING))
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.BeginHandover.class,
                        begin -> assertThat(begin.successor()).isEqualTo(N3));
    }

    @Test
    void a_switchover_to_an_unknown_or_present_primary_is_refused() {
        Situations asked = well().with(state(Phase.READY, N2)).with(primary()).reigning();

        assertReason(
                asked.withSwitchoverTo(new io.matriarch.elector.situation.MemberName("n9"))
                        .decided(),
                Decision.Refuse.class,
                Code.SWITCHOVER_REFUSED);
        assertReason(
                asked.withSwitchoverTo(N2).decided(),
                Decision.Refuse.class,
                Code.SWITCHOVER_REFUSED);
    }

    @ParameterizedTest
    @CsvSource({
        // undrained ambassadors, sessions in a transaction, waited ms, so it stops
        "0, 0,    0, true",
        "0, 1,    0, false",
        "1, 0,    0, false",
        "1, 3, 1999, false",
        "0, 1, 2000, true",
        "1, 0, 2000, true",
    })
    void clients_are_waited_for_until_patience_ends(
            int undrained, int inTransaction, long waited, boolean stops) {
        Decision decision =
                well().seenBy(N1)
                        .with(primary())
                        .with(state(Phase.DRAINING, N1))
                        .reigning()
                        .handingOverTo(
                                N2,
                                Duration.ofMillis(waited),
                                new Situation.Clients(undrained, inTransaction))
                        .decided();

        if (stops) {
            assertThat(decision)
                    .isInstanceOfSatisfying(
                            Decision.Stop.class, stop -> assertThat(stop.isImmediate()).isFalse());
        } else {
            assertReason(decision, Decision.Stay.class, Code.SWITCHOVER_DRAINS);
        }
    }

    @Test
    void a_server_that_does_not_say_who_is_in_a_transaction_is_not_waited_for_for_ever() {
        Situations silent = well().seenBy(N1).with(primary()).with(state(Phase.DRAINING, N1));

        assertReason(
                silent.reigning().handingOverTo(N2, Duration.ZERO, null).decided(),
                Decision.Stay.class,
                Code.SWITCHOVER_DRAINS);
        assertReason(
                silent.reigning().handingOverTo(N2, Duration.ofSeconds(2), null).decided(),
                Decision.Stop.class,
                Code.SWITCHOVER_STOPS);
    }

    @Test
    void a_stopped_primary_hands_over_with_its_final_position() {
        OwnPostgres done = new OwnPostgres.Stopped(data(EPOCH, Repair.NONE, true), Cause.DESIRED);

        Decision decision = well().seenBy(N1).with(done).reigning().handingOverTo(N2).decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Release.class,
                        release -> {
                            assertThat(release.vacancy().finalPosition()).isEqualTo(END);
                            assertThat(release.vacancy().successor()).isEqualTo(N2);
                        });
    }

    private static OwnPostgres stopping(boolean isClean) {
        // So short a time ago that nobody has lost patience.
        return new OwnPostgres.Stopping(data(EPOCH, Repair.NONE, isClean), well().build().now());
    }

    private static Situations handingOver(OwnPostgres postgres, Lsn received) {
        return well().seenBy(N1)
                .with(postgres)
                .with(state(Phase.DRAINING, N1))
                .withMembers(
                        status(N1, MemberStatus.Role.STOPPED),
                        at(received, status(N2, MemberStatus.Role.STREAMING)))
                .reigning()
                .handingOverTo(N2);
    }

    private static MemberStatus at(Lsn received, MemberStatus member) {
        return new MemberStatus(
                member.name(),
                member.incarnation(),
                member.postgres(),
                member.sidecar(),
                member.role(),
                member.systemIdentifier(),
                member.timeline(),
                received,
                received,
                0,
                member.build());
    }

    @Test
    void nothing_more_is_waited_for_once_the_successor_has_all_of_the_log() {
        assertThat(handingOver(stopping(true), END).decided())
                .isInstanceOfSatisfying(
                        Decision.Stop.class, stop -> assertThat(stop.isImmediate()).isTrue());
    }

    @Test
    void the_successor_is_waited_for_that_lacks_the_end_of_the_log() {
        assertThat(handingOver(stopping(true), SWITCH).decided()).isInstanceOf(Decision.Stay.class);
    }

    @Test
    void a_shutdown_checkpoint_is_waited_for() {
        assertThat(handingOver(stopping(false), END).decided()).isInstanceOf(Decision.Stay.class);
    }

    private static Situations handedOverTo(MemberName successor, MemberStatus... live) {
        return well().with(
                        state(Phase.READY, N1)
                                .vacated(new Vacancy(END, successor, "planned switchover")))
                .with(standby(TIMELINE, END, N1))
                .withMembers(live)
                .vacantFor(Duration.ZERO, null);
    }

    /** A ballot and its answers would keep clients waiting, and tell nothing new. */
    @Test
    void the_named_successor_stands_without_a_vote() {
        Decision decision =
                handedOverTo(N2, status(N2, Role.STANDBY), status(N3, Role.STANDBY)).decided();

        assertReason(decision, Decision.Stand.class, Code.SUCCEEDS_AS_PLANNED);
        Decision.Stand stand = (Decision.Stand) decision;
        assertThat(stand.votes()).isEmpty();
        assertThat(stand.synchronous()).isEqualTo(SynchronousSet.any(1, List.of(N3)));
    }

    /** It may be stuck, and clients would wait for it. */
    @Test
    void the_successors_first_commits_are_not_shared_with_who_lacks_the_end_of_the_log() {
        MemberStatus behind = at(SWITCH, status(N3, Role.STREAMING));

        Situations handedOver = handedOverTo(N2, status(N2, Role.STANDBY), behind);

        assertReason(handedOver.decided(), Decision.Stay.class, Code.WAITING_FOR_VOTES);
        Decision later = handedOver.vacantFor(Duration.ofMillis(150), null).decided();
        assertThat(((Decision.Stand) later).synchronous()).isEqualTo(SynchronousSet.NONE);
    }

    @Test
    void an_asynchronous_successor_waits_for_nobody() {
        ClusterState asynchronous =
                state(Phase.READY, N1)
                        .withSynchronous(null)
                        .vacated(new Vacancy(END, N2, "planned switchover"));

        Decision decision =
                handedOverTo(N2, at(SWITCH, status(N3, Role.STREAMING)))
                        .with(asynchronous)
                        .with(Mode.OFF)
                        .decided();

        assertReason(decision, Decision.Stand.class, Code.SUCCEEDS_AS_PLANNED);
    }

    @Test
    void a_named_successor_that_lacks_the_end_of_the_log_votes() {
        Decision decision =
                handedOverTo(N2, status(N2, Role.STANDBY))
                        .with(standby(TIMELINE, SWITCH, N1))
                        .decided();

        assertReason(decision, Decision.Vote.class, Code.PLACE_IS_VACANT);
    }

    /** Its ballot, and the withdrawal after it, would be in the way of what clients wait for. */
    @Test
    void who_is_not_named_lets_the_successor_stand_first() {
        Situations handedOver =
                handedOverTo(N3, status(N2, Role.STANDBY), status(N3, Role.STANDBY));

        assertReason(handedOver.decided(), Decision.Stay.class, Code.WAITING_FOR_OTHERS_TO_STAND);
        assertReason(
                handedOver.vacantFor(Patience.DEFAULT.ballot(), null).decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
    }

    @Test
    void who_is_not_named_votes_if_the_successor_is_gone_or_cannot_stand() {
        MemberStatus behind = at(SWITCH, status(N3, Role.STREAMING));

        assertReason(
                handedOverTo(N3, status(N2, Role.STANDBY)).decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
        assertReason(
                handedOverTo(N3, status(N2, Role.STANDBY), behind).decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
        assertReason(
                handedOverTo(N3, status(N2, Role.STANDBY), status(N3, Role.STOPPED)).decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
    }

    /** The latch is seen to be gone a moment before the record that went with it. */
    @Test
    void the_record_is_waited_for_that_says_how_the_handing_over_ended() {
        Situations latchIsGone =
                well().with(state(Phase.DRAINING, N1))
                        .with(standby(TIMELINE, END, N1))
                        .withMembers(status(N2, Role.STANDBY))
                        .vacantFor(Duration.ZERO, null);

        assertReason(latchIsGone.decided(), Decision.Stay.class, Code.WAITING_FOR_VIEW);
        assertReason(
                latchIsGone.vacantFor(Duration.ofMillis(50), null).decided(),
                Decision.Vote.class,
                Code.PLACE_IS_VACANT);
    }
}
