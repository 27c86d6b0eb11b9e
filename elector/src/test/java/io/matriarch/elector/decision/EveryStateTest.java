package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Situation.Clients;
import io.matriarch.elector.situation.Situation.Vouching;
import io.matriarch.elector.situation.Situation.Vow;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/**
 * Every combination of own Postgres, phase, primary, latch, authority, and of what is asked for or
 * under way, has a decision, and a safe one.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EveryStateTest {

    /** What is asked for, or under way, beside all that. */
    private enum Beside {
        NOTHING,
        /** An electorate is in force, and a vow binds this member. */
        BOUND,
        PAUSED,
        FAILSAFE,
        SWITCHOVER_ASKED,
        SWITCHOVER_TO_ITSELF,
        STANDBY_LOST,
        /** The record promises less than Postgres enforces. */
        NARROW_PROMISE,
        HANDING_OVER,
        HANDING_OVER_TO_SLOW_CLIENTS,
        /** This member and another have voted, and it has more. */
        VOTED,
        /** The same, and it is the preferred one, and has less. */
        PREFERRED
    }

    private record Place(
            OwnPostgres postgres, Phase phase, MemberName ruler, List<MemberName> latch) {}

    private record Case(Place place, boolean holds, Beside beside, Decision decision) {

        OwnPostgres postgres() {
            return place.postgres();
        }

        Phase phase() {
            return place.phase();
        }

        /** Whether the authority held is that of the record. */
        boolean reigns() {
            return holds && place.ruler().equals(N2);
        }

        String name() {
            return "%s, holds %s, %s".formatted(place, holds, beside);
        }
    }

    private static List<OwnPostgres> postgres() {
        List<OwnPostgres> all = new ArrayList<>();
        all.add(new OwnPostgres.Unclear("?"));
        all.add(new OwnPostgres.Unusable("?"));
        all.add(new OwnPostgres.Absent());
        all.add(new OwnPostgres.Unsealed());
        for (Cause cause : Cause.values()) {
            for (Epoch ruled : new Epoch[] {new Epoch(4), EPOCH}) {
                all.add(stopped(ruled, cause));
            }
            all.add(stopped(null, cause));
        }
        for (Repair repair : Repair.values()) {
            all.add(new OwnPostgres.Stopped(data(null, repair, true), Cause.NOT_STARTED));
        }
        for (long toReplay : new long[] {0, 1 << 30}) {
            all.add(
                    new OwnPostgres.Stopped(
                            data(EPOCH, Repair.NONE, false),
                            Cause.CRASHED,
                            new OwnPostgres.Crash(toReplay, null)));
        }
        all.add(new OwnPostgres.Starting(true, data(EPOCH, Repair.NONE, false), BootTime.ZERO));
        all.add(
                new OwnPostgres.Starting(
                        true,
                        data(EPOCH, Repair.NONE, false),
                        BootTime.ZERO,
                        Duration.ofMinutes(1),
                        null));
        all.add(
                new OwnPostgres.Starting(
                        true,
                        data(EPOCH, Repair.NONE, false),
                        BootTime.ZERO,
                        null,
                        Duration.ofMinutes(1)));
        all.add(new OwnPostgres.Starting(false, data(null, Repair.NONE, false), BootTime.ZERO));
        all.add(new OwnPostgres.Stopping(data(EPOCH, Repair.NONE, true), BootTime.ZERO));
        all.add(standby(Situations.TIMELINE, Situations.END, N1));
        all.add(standby(Situations.TIMELINE, Situations.END, null));
        for (Epoch began : new Epoch[] {new Epoch(4), EPOCH}) {
            all.add(catchingUp(began));
        }
        all.add(primary());
        all.add(restarted());
        return all;
    }

    /** A primary that was restarted in place, and has something alone. */
    private static OwnPostgres restarted() {
        OwnPostgres.Primary usual = (OwnPostgres.Primary) primary();
        return new OwnPostgres.Primary(
                usual.status(),
                new OwnPostgres.Replication(
                        usual.replication().attached(), null, Situations.END.plus(1)));
    }

    private static OwnPostgres catchingUp(Epoch began) {
        return new OwnPostgres.Standby(
                Situations.server(true, Situations.TIMELINE, Situations.END),
                Situations.HISTORY,
                Situations.endpoint(N3),
                Duration.ZERO,
                began);
    }

    private static List<Place> places() {
        List<Place> all = new ArrayList<>();
        for (OwnPostgres postgres : postgres()) {
            for (Phase phase : Phase.values()) {
                for (MemberName ruler : List.of(N1, N2)) {
                    all.add(new Place(postgres, phase, ruler, List.of()));
                    for (MemberName latch : List.of(N1, N2, N3)) {
                        all.add(new Place(postgres, phase, ruler, List.of(latch)));
                    }
                }
            }
        }
        return all;
    }

    private static List<Case> all() {
        List<Case> all = new ArrayList<>();
        for (Place place : places()) {
            for (Beside beside : Beside.values()) {
                all.add(decide(place, false, beside));
                if (beside != Beside.BOUND) {
                    all.add(decide(place, true, beside));
                }
            }
        }
        return all;
    }

    private static Case decide(Place place, boolean holds, Beside beside) {
        ClusterState state = state(place.phase(), place.ruler());
        Situations situation = well().with(place.postgres()).with(state);
        boolean isVacant = place.latch().isEmpty();
        if (isVacant) {
            boolean hasVoted = Set.of(Beside.BOUND, Beside.VOTED).contains(beside);
            situation.vacantFor(Duration.ofMinutes(1), hasVoted ? Duration.ofMinutes(1) : null);
        } else {
            situation.withLatch(place.latch().toArray(MemberName[]::new));
        }
        switch (beside) {
            case NOTHING -> {}
            case BOUND ->
                    situation
                            .with(state.withElectorate(Set.of(N1, N2, N3)))
                            .with(
                                    new Vouching(
                                            new Vow(EPOCH, N1, new BootTime(1_003_000)),
                                            BootTime.ZERO,
                                            Set.of(),
                                            true,
                                            false));
            case PAUSED -> situation.with(Situations.paused(state));
            case FAILSAFE -> situation.withFailsafe();
            case SWITCHOVER_ASKED -> situation.withSwitchoverTo(N3);
            case SWITCHOVER_TO_ITSELF -> situation.withSwitchoverTo(N2);
            case STANDBY_LOST ->
                    situation.withMembers(
                            Situations.status(N1, Role.STREAMING),
                            Situations.status(N2, Role.PRIMARY));
            case NARROW_PROMISE ->
                    situation.with(state.withSynchronous(SynchronousSet.any(1, List.of(N1))));
            case HANDING_OVER -> situation.handingOverTo(N3);
            case HANDING_OVER_TO_SLOW_CLIENTS ->
                    situation.handingOverTo(N3, Duration.ZERO, new Clients(1, 1));
            case VOTED ->
                    situation.withBallots(
                            Situations.ballot(N2, "0/6000000"), Situations.ballot(N3, "0/5FFF000"));
            case PREFERRED -> {
                situation.withBallots(
                        preferred(N2, "0/6000000", 10), preferred(N3, "0/6001000", 0));
                if (isVacant) {
                    situation.vacantFor(Duration.ofMillis(100), Duration.ofMillis(100));
                }
            }
        }
        if (holds) {
            situation.reigning();
        }
        return new Case(place, holds, beside, situation.decided());
    }

    private static Ballot preferred(MemberName member, String received, int priority) {
        Lsn end = Lsn.parse(received);
        return new Ballot(
                member, EPOCH.next(), Situations.TIMELINE, end, priority, Concession.DEFAULT, null);
    }

    @Test
    void no_kind_of_decision_is_out_of_reach() {
        Set<Class<?>> decided = new HashSet<>();
        all().forEach(c -> decided.add(c.decision().getClass()));

        assertThat(decided).containsExactlyInAnyOrder(Decision.class.getPermittedSubclasses());
    }

    @Test
    void in_maintenance_nobody_without_the_authority_does_anything_but_cease_to_catch_up() {
        assertThat(all())
                .filteredOn(c -> c.beside() == Beside.PAUSED && !c.reigns())
                .hasSizeGreaterThan(500)
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isInstanceOfAny(
                                        Decision.Stay.class,
                                        Decision.Hold.class,
                                        Decision.StopReceiving.class));
    }

    /** Least of all may it take a promise back. */
    @Test
    void a_switchover_that_is_asked_for_concerns_only_a_primary_that_is_ready() {
        for (Place place : places()) {
            for (boolean holds : List.of(false, true)) {
                Case asked = decide(place, holds, Beside.SWITCHOVER_ASKED);
                boolean isAnswered =
                        asked.decision() instanceof Decision.BeginHandover
                                || asked.decision() instanceof Decision.Refuse;
                if (isAnswered) {
                    assertThat(asked.reigns()).as(asked.name()).isTrue();
                    assertThat(asked.phase()).as(asked.name()).isEqualTo(Phase.READY);
                    assertThat(asked.postgres())
                            .as(asked.name())
                            .isInstanceOf(OwnPostgres.Primary.class);
                } else {
                    assertThat(asked.decision())
                            .as(asked.name())
                            .isEqualTo(decide(place, holds, Beside.NOTHING).decision());
                }
            }
        }
    }

    @Test
    void a_primary_that_hands_over_only_waits_and_stops() {
        assertThat(all())
                .filteredOn(c -> c.beside() == Beside.HANDING_OVER && c.reigns())
                .filteredOn(c -> c.postgres() instanceof OwnPostgres.Primary)
                .filteredOn(c -> c.phase() != Phase.VACANT)
                .isNotEmpty()
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isInstanceOfSatisfying(
                                        Decision.Stop.class,
                                        stop -> assertThat(stop.needsRepair()).isFalse()));
        assertThat(all())
                .filteredOn(c -> c.beside() == Beside.HANDING_OVER_TO_SLOW_CLIENTS && c.reigns())
                .filteredOn(c -> c.postgres() instanceof OwnPostgres.Primary)
                .filteredOn(c -> c.phase() != Phase.VACANT)
                .isNotEmpty()
                .allSatisfy(c ->
                        assertThat(c.decision()).as(c.name()).isInstanceOf(Decision.Stay.class));
    }

    @Test
    void who_is_bound_by_a_vow_neither_votes_nor_stands() {
        assertThat(all())
                .filteredOn(c -> c.beside() == Beside.BOUND)
                .hasSizeGreaterThan(500)
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isNotInstanceOfAny(
                                        Decision.Vote.class,
                                        Decision.Stand.class,
                                        Decision.Bootstrap.class));
    }

    /** Of a standby that streams from another one, while none of the two has the authority. */
    @Test
    void who_was_catching_up_does_not_go_on_but_in_an_election() {
        assertThat(all())
                .filteredOn(c ->
                        c.postgres() instanceof OwnPostgres.Standby standby
                                && standby.isCatchingUp()
                                && !c.reigns())
                .filteredOn(c -> c.place().ruler().equals(N1) && c.beside() != Beside.PREFERRED)
                .filteredOn(c -> c.phase() != Phase.BOOTSTRAPPING)
                .hasSizeGreaterThan(50)
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isInstanceOfAny(
                                        Decision.StopReceiving.class,
                                        Decision.Vote.class,
                                        Decision.Stop.class,
                                        Decision.Follow.class));
    }

    @Test
    void there_is_always_a_decision_with_a_reason() {
        assertThat(all())
                .hasSizeGreaterThan(1000)
                .allSatisfy(
                        c -> assertThat(c.decision().reason().detail()).as(c.name()).isNotBlank());
    }

    @Test
    void only_the_holder_of_the_authority_promotes_or_starts_a_primary() {
        assertThat(all())
                .allSatisfy(c -> {
                    boolean acts =
                            c.decision() instanceof Decision.Promote
                                    || c.decision() instanceof Decision.StartAsPrimary
                                    || c.decision() instanceof Decision.PublishRecovering
                                    || c.decision() instanceof Decision.PublishReady
                                    || c.decision() instanceof Decision.Initialise;
                    assertThat(!acts || c.reigns()).as(c.name()).isTrue();
                });
    }

    /** The record here is never one under which the primary alone could be elected. */
    @Test
    void no_primary_is_started_while_clients_are_let_in_nor_let_them_in_with_what_it_has_alone() {
        assertThat(all())
                .filteredOn(c -> c.phase() == Phase.READY || c.phase() == Phase.DRAINING)
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isNotInstanceOf(Decision.StartAsPrimary.class));
        assertThat(all())
                .filteredOn(c -> c.postgres().equals(restarted()) && c.phase() != Phase.READY)
                .isNotEmpty()
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isNotInstanceOf(Decision.PublishReady.class));
    }

    @Test
    void a_release_needs_a_proven_death() {
        assertThat(all())
                .filteredOn(c -> c.decision() instanceof Decision.Release)
                .isNotEmpty()
                .allSatisfy(c ->
                        assertThat(c.postgres())
                                .as(c.name())
                                .isInstanceOfAny(
                                        OwnPostgres.Stopped.class,
                                        OwnPostgres.Absent.class,
                                        OwnPostgres.Unsealed.class,
                                        OwnPostgres.Unusable.class));
    }

    @Test
    void who_has_no_data_to_serve_gives_the_authority_up() {
        assertThat(all())
                .filteredOn(c ->
                        c.postgres() instanceof OwnPostgres.Absent
                                || c.postgres() instanceof OwnPostgres.Unsealed
                                || c.postgres() instanceof OwnPostgres.Unusable)
                .filteredOn(Case::reigns)
                .filteredOn(c -> c.phase() != Phase.BOOTSTRAPPING && c.phase() != Phase.VACANT)
                .hasSizeGreaterThan(10)
                .allSatisfy(c ->
                        assertThat(c.decision()).as(c.name()).isInstanceOf(Decision.Release.class));
    }

    /** Of a server that has served and has not answered for long. */
    @Test
    void a_primary_that_hangs_is_not_waited_for() {
        assertThat(all())
                .filteredOn(c ->
                        c.postgres() instanceof OwnPostgres.Starting starting
                                && starting.silentFor() != null)
                .filteredOn(Case::reigns)
                .filteredOn(c -> c.phase() != Phase.VACANT)
                .isNotEmpty()
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isInstanceOfAny(Decision.Stop.class, Decision.Hold.class));
    }

    @Test
    void data_is_replaced_only_where_there_is_none_or_where_it_is_marked() {
        assertThat(all())
                .filteredOn(c ->
                        c.decision() instanceof Decision.Clone
                                || c.decision() instanceof Decision.Initialise
                                || c.decision() instanceof Decision.Bootstrap)
                .isNotEmpty()
                .allSatisfy(c -> {
                    boolean isMarked =
                            c.postgres() instanceof OwnPostgres.Stopped stopped
                                    && (stopped.data().repair() == Repair.REPLACE
                                            || c.decision() instanceof Decision.Bootstrap);
                    assertThat(c.postgres() instanceof OwnPostgres.Absent || isMarked)
                            .as(c.name())
                            .isTrue();
                });
    }

    @Test
    void a_data_directory_is_gone_over_only_where_it_is_marked() {
        assertThat(all())
                .filteredOn(c -> c.decision() instanceof Decision.Delta)
                .isNotEmpty()
                .allSatisfy(c -> {
                    boolean isMarked =
                            c.postgres() instanceof OwnPostgres.Stopped stopped
                                    && stopped.data().repair() == Repair.DELTA;
                    assertThat(c.postgres() instanceof OwnPostgres.Unsealed || isMarked)
                            .as(c.name())
                            .isTrue();
                });
    }

    @Test
    void a_data_directory_whose_repair_has_not_ended_is_never_started() {
        assertThat(all())
                .filteredOn(c ->
                        c.postgres() instanceof OwnPostgres.Unsealed
                                || (c.postgres() instanceof OwnPostgres.Stopped stopped
                                        && stopped.data().repair() != Repair.NONE))
                .hasSizeGreaterThan(100)
                .filteredOn(c -> c.phase() != Phase.BOOTSTRAPPING)
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isNotInstanceOfAny(
                                        Decision.StartAsStandby.class,
                                        Decision.StartAsPrimary.class));
    }
}
