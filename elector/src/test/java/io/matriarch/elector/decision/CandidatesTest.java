package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Who is the healthiest. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CandidatesTest {

    private static final long HUGE = 1L << 30;
    private static final Lsn RECEIVED = END.plus(2 * HUGE);

    @Test
    void who_has_much_to_replay_comes_after_who_has_not_and_has_the_same_log() {
        Ballot behind = ballot(N2, RECEIVED, 9, END);
        Ballot ready = ballot(N3, RECEIVED, 0, RECEIVED);

        assertThat(ranked(behind, ready)).containsExactly(N3, N2);
    }

    @Test
    void what_is_replayed_in_a_moment_or_not_told_makes_no_difference() {
        Ballot preferred = ballot(N2, RECEIVED, 9, END.plus(2 * HUGE - 1_000_000));
        Ballot silent = ballot(N2, RECEIVED, 9, null);
        Ballot ready = ballot(N3, RECEIVED, 0, RECEIVED);

        assertThat(ranked(preferred, ready)).containsExactly(N2, N3);
        assertThat(ranked(silent, ready)).containsExactly(N2, N3);
    }

    @Test
    void more_of_the_log_comes_before_all_else() {
        Ballot most = ballot(N2, RECEIVED, 0, END);
        Ballot ready = ballot(N3, END.plus(HUGE), 9, END.plus(HUGE));
        Ballot last = ballot(N1, END, 9, END);

        assertThat(ranked(last, ready, most)).containsExactly(N2, N3, N1);
    }

    @Test
    void who_could_not_end_its_promotion_comes_after_who_has_the_same_log() {
        ClusterState left = Situations.state(Phase.VACANT, N1).withSynchronous(null);
        Vacancy failed = new Vacancy(null, null, "Postgres has been stopped", N1);
        Ballot last = ballot(N1, END, 0, END);
        Ballot other = ballot(N2, END, 0, END);

        assertThat(ranked(left, last, other)).containsExactly(N1, N2);
        assertThat(ranked(left.vacated(failed), last, other)).containsExactly(N2, N1);
        assertThat(ranked(left.vacated(failed), ballot(N1, END.plus(1), 0, END), other))
                .as("more of the log comes before")
                .containsExactly(N1, N2);
    }

    @Test
    void another_disk_under_the_last_primary_s_name_is_not_the_last_primary() {
        Situations vacant =
                well().with(Situations.state(Phase.VACANT, N1))
                        .withBallots(Situations.ballot(N1, "0/6000000"));

        assertThat(standing(vacant.withMembers(Situations.status(N1, Role.STANDBY))))
                .containsExactly(N1);
        assertThat(standing(vacant.withMembers(Situations.impostor(N1)))).isEmpty();
    }

    /** The others may uphold the primary, which vows nothing to itself. */
    @Test
    void a_copy_of_the_primary_s_disk_does_not_count_while_no_other_has_voted() {
        ClusterState upheld = Situations.state(Phase.READY, N1).withElectorate(Set.of(N1, N2, N3));
        Situations copied = well().with(upheld).withMembers(Situations.copyOf(N1)).withLatch();

        assertThat(standing(copied.withBallots(Situations.ballot(N1, "0/6000000")))).isEmpty();
        assertThat(
                        standing(
                                copied.withBallots(
                                        Situations.ballot(N1, "0/6000000"),
                                        Situations.ballot(N2, "0/5000001"))))
                .containsExactly(N1);
        assertThat(
                        standing(
                                copied.withMembers(Situations.status(N1, Role.STANDBY))
                                        .withBallots(Situations.ballot(N1, "0/6000000"))))
                .as("the primary itself")
                .containsExactly(N1);
    }

    private static List<MemberName> standing(Situations situation) {
        ClusterView view = Objects.requireNonNull(situation.build().view());
        return Candidates.of(view, Objects.requireNonNull(view.state())).ranked().stream()
                .map(Ballot::member)
                .toList();
    }

    private static Ballot ballot(
            MemberName member, Lsn received, int priority, @Nullable Lsn replayed) {
        return new Ballot(
                member, EPOCH.next(), TIMELINE, received, priority, null, null, null, replayed);
    }

    private static List<MemberName> ranked(Ballot... votes) {
        return ranked(Situations.state(Phase.READY, N1).withSynchronous(null), votes);
    }

    private static List<MemberName> ranked(ClusterState state, Ballot... votes) {
        return new Candidates(state, List.of(votes), Set.of(), true)
                .ranked().stream().map(Ballot::member).toList();
    }
}
