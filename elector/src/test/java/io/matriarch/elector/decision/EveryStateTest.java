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

import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Situation.Vouching;
import io.matriarch.elector.situation.Situation.Vow;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/**
 * Every combination of own Postgres, phase, primary, latch and authority has a decision, and a safe
 * one.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EveryStateTest {

    private record Case(
            String name, OwnPostgres postgres, Phase phase, boolean reigns, Decision decision) {}

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

    private static List<Case> all() {
        List<Case> all = new ArrayList<>();
        for (OwnPostgres postgres : postgres()) {
            for (Phase phase : Phase.values()) {
                for (MemberName ruler : List.of(N1, N2)) {
                    for (MemberName[] latch : new MemberName[][] {{}, {N1}, {N2}, {N3}}) {
                        for (boolean reigns : new boolean[] {false, true}) {
                            all.add(decide(postgres, phase, ruler, latch, reigns));
                        }
                        all.add(vouching(postgres, phase, ruler, latch));
                    }
                }
            }
        }
        return all;
    }

    private static Case decide(
            OwnPostgres postgres,
            Phase phase,
            MemberName ruler,
            MemberName[] latch,
            boolean reigns) {
        Situations situation = well().with(postgres).with(state(phase, ruler));
        if (latch.length == 0) {
            situation.vacantFor(Duration.ofMinutes(1), null);
        } else {
            situation.withLatch(latch);
        }
        if (reigns) {
            situation.reigning();
        }
        String name =
                "%s, %s of %s, latch %s, reigns %s"
                        .formatted(postgres, phase, ruler, List.of(latch), reigns);
        return new Case(name, postgres, phase, reigns && ruler.equals(N2), situation.decided());
    }

    /** The same with an electorate in force, and a vow that binds this member. */
    private static Case vouching(
            OwnPostgres postgres, Phase phase, MemberName ruler, MemberName[] latch) {
        Situations situation =
                well().with(postgres)
                        .with(state(phase, ruler).withElectorate(Set.of(N1, N2, N3)))
                        .with(
                                new Vouching(
                                        new Vow(EPOCH, N1, new BootTime(1_003_000)),
                                        BootTime.ZERO,
                                        Set.of(),
                                        true,
                                        false));
        if (latch.length == 0) {
            situation.vacantFor(Duration.ofMinutes(1), Duration.ofMinutes(1));
        } else {
            situation.withLatch(latch);
        }
        String name =
                "%s, %s of %s, latch %s, bound".formatted(postgres, phase, ruler, List.of(latch));
        return new Case(name, postgres, phase, false, situation.decided());
    }

    @Test
    void who_is_bound_by_a_vow_neither_votes_nor_stands() {
        assertThat(all())
                .filteredOn(c -> c.name().endsWith("bound"))
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
                .filteredOn(c -> c.name().contains(" of n1") && !c.name().contains("BOOTSTRAPPING"))
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
                .filteredOn(c -> !c.name().contains("BOOTSTRAPPING"))
                .allSatisfy(c ->
                        assertThat(c.decision())
                                .as(c.name())
                                .isNotInstanceOfAny(
                                        Decision.StartAsStandby.class,
                                        Decision.StartAsPrimary.class));
    }
}
