package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.Lsn;
import java.util.List;
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

    private static Ballot ballot(
            MemberName member, Lsn received, int priority, @Nullable Lsn replayed) {
        return new Ballot(
                member, EPOCH.next(), TIMELINE, received, priority, null, null, null, replayed);
    }

    private static List<MemberName> ranked(Ballot... votes) {
        return new Candidates(
                        Situations.state(Phase.READY, N1).withSynchronous(null),
                        List.of(votes),
                        Set.of())
                .ranked().stream().map(Ballot::member).toList();
    }
}
