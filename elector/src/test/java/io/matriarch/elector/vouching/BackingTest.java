package io.matriarch.elector.vouching;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Situation.Vouching;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackingTest {

    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");
    private static final MemberName N3 = new MemberName("n3");
    private static final Epoch EPOCH = new Epoch(5);
    private static final BootTime NOW = new BootTime(200_000);
    private static final Duration PATIENCE = Duration.ofMillis(400);
    private static final Electors ALL = (appeal, members, patience) -> members;
    private static final LeaseSettings LEASE =
            LeaseSettings.of(Duration.ofSeconds(5), Duration.ofMillis(500));

    private final Backing backing = new Backing(N1, LEASE);

    /** With this electorate; with none, everybody may succeed. */
    private static ClusterState state(MemberName... electorate) {
        return new ClusterState(
                ClusterState.FORMAT,
                EPOCH,
                N1,
                "incarnation-n1",
                ClusterState.Phase.READY,
                new Lineage(TimelineId.FIRST, Lsn.ZERO),
                new Endpoint("n1", 5432),
                null,
                null,
                false,
                null,
                electorate.length == 0 ? null : new TreeSet<>(List.of(electorate)));
    }

    private boolean isPromised(SynchronousSet set) {
        return new Vouching(null, NOW, Set.of(), true, false, backing.promised()).isPromised(set);
    }

    private static ClusterState promising(@Nullable SynchronousSet set) {
        return state(N1, N2, N3).withSynchronous(set);
    }

    private Set<MemberName> ask(Electors electors) throws InterruptedException {
        return backing.ask(electors, backing.others().orElseThrow(), EPOCH, NOW, PATIENCE);
    }

    @Test
    void everybody_but_the_primary_itself_must_vow() throws InterruptedException {
        backing.begin(state(N1, N2, N3));

        Set<MemberName> missing = ask((appeal, members, patience) -> Set.of(N2));

        assertThat(missing).containsExactly(N3);
        assertThat(backing.until()).isEmpty();
        assertThat(ask(ALL)).isEmpty();
        assertThat(backing.until()).contains(NOW.plus(LEASE.length()));
    }

    @Test
    void a_primary_that_is_its_whole_electorate_needs_nobody() throws InterruptedException {
        backing.begin(state(N1));

        Set<MemberName> missing =
                ask((appeal, members, patience) -> {
                    throw new IllegalStateException("nobody is to be asked");
                });

        assertThat(missing).isEmpty();
        assertThat(backing.until()).isPresent();
    }

    @Test
    void without_a_record_of_who_may_succeed_nobody_is_asked() {
        backing.begin(state());

        assertThat(backing.others()).isEmpty();
    }

    @Test
    void what_was_not_answered_may_be_in_force() {
        backing.begin(state(N1, N2));

        assertThat(backing.beginWrite(state(N1, N3), NOW)).isTrue();

        assertThat(backing.isCertain()).isFalse();
        assertThat(backing.others()).contains(Set.of(N2, N3));
        backing.acknowledged(state(N1, N3));
        assertThat(backing.others()).contains(Set.of(N3));
        assertThat(backing.isCertain()).isTrue();
    }

    /** The view may still show the wider one, by which this would be right. */
    @Test
    void nothing_is_shared_with_whom_an_election_may_not_ask_any_more() {
        SynchronousSet both = SynchronousSet.any(1, List.of(N2, N3));
        SynchronousSet one = SynchronousSet.any(1, List.of(N2));
        backing.begin(promising(both));
        assertThat(isPromised(both)).isTrue();
        assertThat(isPromised(one)).isTrue();

        backing.beginWrite(promising(one), NOW);
        assertThat(isPromised(both)).as("not answered").isFalse();
        assertThat(isPromised(one)).isTrue();
        backing.acknowledged(promising(one));
        assertThat(isPromised(both)).as("narrowed").isFalse();

        backing.beginWrite(promising(both), NOW);
        assertThat(isPromised(both)).as("perhaps widened").isFalse();
        backing.acknowledged(promising(both));
        assertThat(isPromised(both)).isTrue();
    }

    @Test
    void in_asynchronous_mode_nothing_is_promised_to_a_set() {
        backing.begin(promising(null));

        assertThat(isPromised(SynchronousSet.NONE)).isTrue();
        assertThat(isPromised(SynchronousSet.any(1, List.of(N2)))).isFalse();
        backing.acknowledged(promising(SynchronousSet.NONE));
        assertThat(isPromised(SynchronousSet.any(1, List.of(N2))))
                .as("nobody but the last primary would be elected")
                .isTrue();
    }

    @Test
    void while_everybody_may_be_in_force_nobody_s_vow_is_enough() {
        backing.begin(state(N1, N2));

        backing.beginWrite(state(), NOW);
        backing.beginWrite(state(N1, N2), NOW);

        assertThat(backing.others()).isEmpty();
    }

    @Test
    void nobody_comes_into_the_electorate_while_the_lease_rests_on_the_vows_of_others()
            throws InterruptedException {
        backing.begin(state(N1, N2));
        ask(ALL);

        assertThat(backing.beginWrite(state(N1, N2, N3), NOW.plus(LEASE.length()))).isFalse();
        assertThat(backing.beginWrite(state(), NOW.plus(LEASE.length()))).isFalse();
        assertThat(backing.beginWrite(state(N1, N2), NOW)).isTrue();
        assertThat(backing.beginWrite(state(N1, N2, N3), NOW.plus(LEASE.session()))).isTrue();
    }

    @Test
    void vows_do_not_count_if_somebody_came_into_the_electorate_meanwhile()
            throws InterruptedException {
        backing.begin(state(N1, N2));

        Set<MemberName> missing =
                ask((appeal, members, patience) -> {
                    backing.beginWrite(state(N1, N2, N3), NOW);
                    return members;
                });

        assertThat(missing).containsExactly(N3);
        assertThat(backing.until()).isEmpty();
    }

    @Test
    void each_question_has_a_higher_number() throws InterruptedException {
        backing.begin(state(N1, N2));
        Appeal[] last = new Appeal[1];
        Electors noting =
                (appeal, members, patience) -> {
                    Optional.ofNullable(last[0])
                            .ifPresent(before ->
                                    assertThat(appeal.number()).isGreaterThan(before.number()));
                    last[0] = appeal;
                    return members;
                };

        ask(noting);
        ask(noting);

        assertThat(last[0].number()).isGreaterThan(NOW.millis());
    }
}
