package io.matriarch.elector.vouching;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Situation;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VowsTest {

    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");
    private static final MemberName N3 = new MemberName("n3");
    private static final Situation.Identity SELF =
            new Situation.Identity(N2, "incarnation-n2", new Endpoint("n2", 5432));
    private static final Epoch EPOCH = new Epoch(5);
    private static final Duration LENGTH = Duration.ofSeconds(5);
    private static final BootTime OPENED = new BootTime(100_000);
    private static final BootTime NOW = new BootTime(200_000);

    private final Vows vows = new Vows(SELF, LENGTH, OPENED);

    private static ClusterState state(long epoch, MemberName primary, Phase phase) {
        return new ClusterState(
                ClusterState.FORMAT,
                new Epoch(epoch),
                primary,
                "incarnation-" + primary,
                phase,
                new Lineage(TimelineId.FIRST, Lsn.ZERO),
                new Endpoint(primary.value(), 5432),
                null,
                null,
                false,
                phase == Phase.VACANT ? new Vacancy(null, null, "Postgres has crashed") : null,
                new TreeSet<>(List.of(N1, N2, N3)));
    }

    private static Appeal appeal(long number) {
        return new Appeal(EPOCH, N1, number);
    }

    /** A member that has been out of the latch, and follows. */
    @BeforeEach
    void follows() {
        vows.standsNoMore(state(5, N1, Phase.READY));
    }

    @Test
    void a_vow_binds_for_its_length_from_when_the_appeal_has_come() {
        boolean isVowed = vows.grant(appeal(1), NOW);

        assertThat(isVowed).isTrue();
        assertThat(vows.binding(NOW.plus(LENGTH).plus(Duration.ofMillis(-1))))
                .contains(new Situation.Vow(EPOCH, N1, NOW.plus(LENGTH)));
        assertThat(vows.binding(NOW.plus(LENGTH))).isEmpty();
    }

    @Test
    void who_has_vowed_neither_stands_nor_votes_until_the_vow_has_ended() {
        vows.grant(appeal(1), NOW);

        ClusterState state = state(5, N1, Phase.READY);
        BootTime end = NOW.plus(LENGTH);
        assertThat(vows.beginStanding(state, end.plus(Duration.ofMillis(-1)))).isFalse();
        assertThat(vows.beginVoting(EPOCH.next(), end.plus(Duration.ofMillis(-1)))).isFalse();
        assertThat(vows.beginVoting(EPOCH.next(), end)).isTrue();
        assertThat(vows.beginStanding(state, end)).isTrue();
    }

    @Test
    void who_stands_does_not_vow_until_nothing_of_that_can_take_effect() {
        vows.beginStanding(state(5, N1, Phase.READY), NOW);

        assertThat(vows.grant(appeal(1), NOW)).isFalse();
        vows.standsNoMore(state(5, N1, Phase.READY));
        assertThat(vows.grant(appeal(2), NOW)).isTrue();
    }

    @Test
    void who_stood_and_was_successful_without_knowing_it_does_not_vow() {
        vows.beginStanding(state(5, N1, Phase.READY), NOW);
        vows.standsNoMore(state(6, N2, Phase.PROMOTING));

        assertThat(vows.grant(appeal(1), NOW)).isFalse();
    }

    @Test
    void a_new_life_does_not_vow_before_it_has_been_out_of_the_latch() {
        Vows fresh = new Vows(SELF, LENGTH, OPENED);

        assertThat(fresh.grant(appeal(1), NOW)).isFalse();
    }

    @Test
    void a_new_life_takes_nothing_while_an_earlier_one_may_be_bound() {
        ClusterState state = state(5, N1, Phase.READY);
        BootTime grown = OPENED.plus(LENGTH);

        assertThat(vows.beginStanding(state, grown.plus(Duration.ofMillis(-1)))).isFalse();
        assertThat(vows.beginStanding(state, grown)).isTrue();
    }

    @Test
    void a_new_life_may_succeed_itself_or_a_primary_that_is_proven_dead_at_once() {
        assertThat(vows.beginStanding(state(5, N2, Phase.READY), OPENED)).isTrue();
        assertThat(vows.beginStanding(state(5, N1, Phase.VACANT), OPENED)).isTrue();
        assertThat(vows.beginStanding(state(5, N1, Phase.READY).withElectorate(null), OPENED))
                .isTrue();
    }

    @Test
    void with_a_ballot_out_there_is_no_vow_for_an_earlier_epoch() {
        vows.beginVoting(EPOCH.next(), NOW);

        assertThat(vows.grant(appeal(1), NOW)).isFalse();
        assertThat(vows.grant(new Appeal(EPOCH.next(), N3, 1), NOW)).isTrue();
    }

    @Test
    void a_ballot_that_is_withdrawn_is_in_nobody_s_way() {
        vows.beginVoting(EPOCH.next(), NOW);
        vows.ballotWithdrawn();

        assertThat(vows.grant(appeal(1), NOW)).isTrue();
    }

    @Test
    void an_old_question_is_not_answered_twice() {
        vows.grant(appeal(7), NOW);

        assertThat(vows.grant(appeal(7), NOW)).isFalse();
        assertThat(vows.grant(appeal(6), NOW)).isFalse();
        assertThat(vows.grant(new Appeal(new Epoch(4), N1, 9), NOW)).isFalse();
        assertThat(vows.grant(appeal(8), NOW)).isTrue();
    }

    @Test
    void what_contradicts_the_record_is_refused() {
        assertThat(vows.grant(new Appeal(new Epoch(4), N1, 1), NOW)).isFalse();
        assertThat(vows.grant(new Appeal(EPOCH, N3, 1), NOW)).isFalse();
        assertThat(vows.grant(new Appeal(EPOCH, N2, 1), NOW)).isFalse();
        vows.see(state(5, N1, Phase.VACANT));
        vows.see(state(5, N1, Phase.READY));
        assertThat(vows.grant(appeal(1), NOW)).isFalse();
    }

    @Test
    void a_vow_ends_early_when_its_primary_is_proven_dead_or_succeeded() {
        vows.grant(appeal(1), NOW);
        vows.see(state(5, N1, Phase.READY));
        assertThat(vows.binding(NOW)).isPresent();
        vows.see(state(5, N1, Phase.VACANT));
        assertThat(vows.binding(NOW)).isEmpty();

        vows.see(state(6, N3, Phase.READY));
        vows.grant(new Appeal(new Epoch(6), N3, 1), NOW);
        vows.see(state(7, N1, Phase.PROMOTING));
        assertThat(vows.binding(NOW)).isEmpty();
    }
}
