package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.ballot;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Situation.Vouching;
import io.matriarch.elector.situation.Situation.Vow;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FailsafeDecisionTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final BootTime LATER = new BootTime(1_003_000);

    private static ClusterState among(MemberName primary, MemberName... electorate) {
        return state(Phase.READY, primary).withElectorate(Set.of(electorate));
    }

    private static Vouching bound(long epoch, MemberName primary) {
        return new Vouching(
                new Vow(new Epoch(epoch), primary, LATER), BootTime.ZERO, Set.of(), true, false);
    }

    private static Situations reigning(ClusterState state) {
        return well().with(state).with(primary()).reigning().withFailsafe();
    }

    private static void assertReason(Decision decision, Class<? extends Decision> kind, Code code) {
        assertThat(decision).isInstanceOf(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
    }

    // Who may succeed.

    @Test
    void a_primary_names_the_live_members_and_itself() {
        Decision decision = reigning(state(Phase.READY, N2)).decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.PublishElectorate.class,
                        publish ->
                                assertThat(publish.members())
                                        .containsExactlyInAnyOrder(N1, N2, N3));
    }

    @Test
    void a_member_that_has_departed_is_left_out_unless_commits_are_shared_with_it() {
        Situations n3Departed =
                reigning(among(N2, N1, N2, N3))
                        .withMembers(status(N1, Role.STREAMING), status(N2, Role.PRIMARY))
                        .with(new Vouching(null, BootTime.ZERO, Set.of(N3), true, false));

        assertThat(n3Departed.decided()).isNotInstanceOf(Decision.PublishElectorate.class);
        assertThat(n3Departed.with(among(N2, N1, N2, N3).withSynchronous(null)).decided())
                .isInstanceOfSatisfying(
                        Decision.PublishElectorate.class,
                        publish -> assertThat(publish.members()).containsExactlyInAnyOrder(N1, N2));
    }

    @Test
    void a_member_that_is_away_for_a_moment_stays() {
        Decision decision =
                reigning(among(N2, N1, N2, N3))
                        .withMembers(status(N1, Role.STREAMING), status(N2, Role.PRIMARY))
                        .decided();

        assertThat(decision).isNotInstanceOf(Decision.PublishElectorate.class);
    }

    @Test
    void an_electorate_that_may_not_be_in_force_is_written_again() {
        Decision decision =
                reigning(among(N2, N1, N2, N3))
                        .with(new Vouching(null, BootTime.ZERO, Set.of(), false, false))
                        .decided();

        assertReason(decision, Decision.PublishElectorate.class, Code.ELECTORATE_CHANGES);
    }

    @Test
    void without_failsafe_everybody_may_succeed_again() {
        Decision decision = well().with(among(N2, N1, N2)).with(primary()).reigning().decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.PublishElectorate.class,
                        publish -> assertThat(publish.members()).isNull());
    }

    @Test
    void who_is_not_in_the_electorate_does_not_vote() {
        Decision decision = well().with(among(N1, N1, N3)).vacantFor(LONG, null).decided();

        assertReason(decision, Decision.Hold.class, Code.NOT_IN_ELECTORATE);
    }

    @Test
    void the_last_primary_may_vote_though_it_is_not_named() {
        Decision decision =
                well().seenBy(N1).with(among(N1, N2, N3)).vacantFor(LONG, null).decided();

        assertThat(decision).isInstanceOf(Decision.Vote.class);
    }

    @Test
    void the_vote_of_a_member_that_is_not_in_the_electorate_is_not_counted() {
        Decision decision =
                well().with(among(N1, N1, N2).withSynchronous(null))
                        .withBallots(ballot(N2, "0/6000000"), ballot(N3, "0/7000000"))
                        .vacantFor(LONG, LONG)
                        .decided();

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stand.class,
                        stand ->
                                assertThat(stand.votes()).containsExactly(ballot(N2, "0/6000000")));
    }

    @Test
    void a_switchover_to_a_member_that_could_not_take_over_is_refused() {
        Decision decision =
                reigning(among(N2, N1, N2, N3))
                        .withMembers(
                                status(N1, Role.STREAMING),
                                status(N2, Role.PRIMARY),
                                status(N3, Role.STREAMING))
                        .withSwitchoverTo(N3)
                        .decided();
        Decision refused =
                well().with(state(Phase.READY, N2).withElectorate(Set.of(N1, N2, N3)))
                        .with(primary())
                        .reigning()
                        .withFailsafe()
                        .withSwitchoverTo(new MemberName("n9"))
                        .decided();

        assertThat(decision).isInstanceOf(Decision.BeginHandover.class);
        assertThat(refused).isInstanceOf(Decision.Refuse.class);
    }

    // Vows.

    @Test
    void who_vouches_follows_as_ever_though_the_latch_is_empty() {
        Decision decision =
                well().with(among(N1, N1, N2, N3))
                        .vacantFor(LONG, null)
                        .with(bound(5, N1))
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.VOUCHING_FOR_PRIMARY);
    }

    @Test
    void a_vow_for_a_later_epoch_than_is_seen_binds_too() {
        Decision decision =
                well().with(among(N1, N1, N2, N3))
                        .vacantFor(LONG, LONG)
                        .withBallots(ballot(N2, "0/6000000"))
                        .with(bound(EPOCH.value() + 1, N3))
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.VOUCHING_FOR_PRIMARY);
    }

    @Test
    void who_has_just_started_votes_and_does_not_stand_yet() {
        Vouching young = new Vouching(null, LATER, Set.of(), true, false);
        Situations voted =
                well().with(among(N1, N1, N2, N3).withSynchronous(null))
                        .withMembers(status(N2, Role.STANDBY))
                        .withBallots(ballot(N2, "0/6000000"))
                        .vacantFor(LONG, LONG)
                        .with(young);

        assertReason(voted.decided(), Decision.Stay.class, Code.JUST_STARTED);
        assertThat(voted.vacantFor(LONG, null).decided()).isInstanceOf(Decision.Vote.class);
    }

    @Test
    void who_has_just_started_may_succeed_a_primary_that_is_proven_dead() {
        Decision decision =
                well().with(
                                state(Phase.VACANT, N1)
                                        .withElectorate(Set.of(N1, N2, N3))
                                        .withSynchronous(null))
                        .withMembers(status(N2, Role.STANDBY))
                        .withBallots(ballot(N2, "0/6000000"))
                        .vacantFor(LONG, LONG)
                        .with(new Vouching(null, LATER, Set.of(), true, false))
                        .decided();

        assertThat(decision).isInstanceOf(Decision.Stand.class);
    }

    @Test
    void a_crash_while_zookeeper_is_gone_is_mended_in_place() {
        Situation.Vouching upheld = new Vouching(null, BootTime.ZERO, Set.of(), true, true);
        Situations crashed =
                well().with(among(N2, N1, N2, N3))
                        .with(stopped(EPOCH, Cause.CRASHED))
                        .withMembers(status(N1, Role.STREAMING), status(N3, Role.STREAMING))
                        .reigning();

        assertThat(crashed.decided()).isInstanceOf(Decision.Release.class);
        assertThat(crashed.with(upheld).decided()).isInstanceOf(Decision.StartAsPrimary.class);
    }
}
