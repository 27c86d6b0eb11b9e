package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.SYSTEM;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Data;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.OwnPostgres.Replication;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Situation.Vouching;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.sql.ReplicationPeer;
import io.matriarch.postgres.sql.ServerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code n1} holds the authority of epoch 5, and its Postgres has been restarted, or must be. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestartInPlaceTest {

    private static final SynchronousSet ANY_OF_TWO = SynchronousSet.any(1, List.of(N2, N3));
    private static final Lsn BEFORE = Lsn.parse("0/5FFFFFF");

    private static Situations alone(Phase phase, @Nullable SynchronousSet set) {
        return well().seenBy(N1)
                .with(state(phase, N1).withSynchronous(set))
                .with(stopped(EPOCH, Cause.CRASHED))
                .withMembers(status(N1, Role.STOPPED))
                .reigning();
    }

    /**
     * It runs, its log ended at {@code recovered} when it was first seen, and these are connected.
     */
    private static OwnPostgres running(
            SynchronousSet enforced, @Nullable Lsn recovered, Map<MemberName, Lsn> flushed) {
        List<ReplicationPeer> peers = new ArrayList<>();
        flushed.forEach((name, lsn) -> peers.add(new ReplicationPeer(name.value(), true, lsn)));
        ServerStatus server =
                new ServerStatus(
                        SYSTEM,
                        new PostgresVersion(150018),
                        false,
                        TIMELINE,
                        END,
                        true,
                        END,
                        0,
                        Optional.empty(),
                        ServerStatus.Source.NONE,
                        enforced.toSetting(),
                        peers);
        return new OwnPostgres.Primary(
                server, new Replication(Set.copyOf(enforced.members()), END, recovered));
    }

    private static Decision decided(
            Phase phase,
            SynchronousSet set,
            @Nullable Lsn recovered,
            Map<MemberName, Lsn> flushed) {
        return well().seenBy(N1)
                .with(state(phase, N1).withSynchronous(set))
                .with(running(set, recovered, flushed))
                .reigning()
                .decided();
    }

    private static void assertReason(Decision decision, Class<? extends Decision> type, Code code) {
        assertThat(decision).isInstanceOf(type);
        assertThat(decision.reason().code()).isEqualTo(code);
    }

    @Test
    void clients_are_held_before_a_crashed_primary_starts_again() {
        for (Phase phase : List.of(Phase.READY, Phase.DRAINING)) {
            assertReason(
                    alone(phase, ANY_OF_TWO).decided(),
                    Decision.PublishRecovering.class,
                    Code.CLIENTS_ARE_HELD);
        }
    }

    @Test
    void once_they_are_held_it_starts() {
        assertReason(
                alone(Phase.RECOVERING, ANY_OF_TWO).decided(),
                Decision.StartAsPrimary.class,
                Code.CRASHED_WITH_NO_SUCCESSOR);
    }

    /** Its log would bear the number of the last primary's, which may have gone on elsewhere. */
    @ParameterizedTest
    @CsvSource({"2, false", "3, true"})
    void who_fell_in_its_promotion_goes_on_only_if_that_began_a_timeline(
            long timeline, boolean goesOn) {
        Data data = new Data(SYSTEM, new TimelineId(timeline), false, END, EPOCH, Repair.NONE);

        Decision decision =
                alone(Phase.PROMOTING, ANY_OF_TWO)
                        .with(new OwnPostgres.Stopped(data, Cause.CRASHED))
                        .decided();

        assertThat(decision)
                .isInstanceOf(goesOn ? Decision.StartAsPrimary.class : Decision.Release.class);
    }

    @Test
    void nobody_is_held_where_only_the_primary_itself_could_be_elected_or_commits_wait_for_none() {
        assertThat(alone(Phase.READY, SynchronousSet.NONE).decided())
                .isInstanceOf(Decision.StartAsPrimary.class);
        assertThat(alone(Phase.READY, null).with(Mode.OFF).decided())
                .isInstanceOf(Decision.StartAsPrimary.class);
        SynchronousSet withItself = SynchronousSet.any(1, List.of(N1, N2));
        assertThat(alone(Phase.READY, withItself).decided())
                .isInstanceOf(Decision.StartAsPrimary.class);
    }

    /** No ambassador could be told, and nobody could be elected. */
    @Test
    void without_zookeeper_it_starts_at_once() {
        Vouching upheld = new Vouching(null, BootTime.ZERO, Set.of(), true, true);

        assertThat(alone(Phase.READY, ANY_OF_TWO).with(upheld).decided())
                .isInstanceOf(Decision.StartAsPrimary.class);
    }

    @Test
    void they_are_held_until_the_set_has_what_was_in_the_log() {
        Decision early =
                decided(Phase.RECOVERING, ANY_OF_TWO, END, Map.of(N2, BEFORE, N3, Lsn.ZERO));
        Decision inTime = decided(Phase.RECOVERING, ANY_OF_TWO, END, Map.of(N3, END));

        assertReason(early, Decision.Stay.class, Code.CLIENTS_ARE_HELD);
        assertThat(early.reason().detail())
                .contains(END.toString(), "n2 has it up to " + BEFORE, "n3 has it up to 0/0");
        assertReason(inTime, Decision.PublishReady.class, Code.RECOVERY_ENDED);
    }

    @Test
    void so_many_must_have_it_as_confirm_a_commit() {
        SynchronousSet both = SynchronousSet.any(2, List.of(N2, N3));

        assertThat(
                        decided(Phase.RECOVERING, both, END, Map.of(N2, END, N3, BEFORE))
                                .reason()
                                .code())
                .isNotEqualTo(Code.RECOVERY_ENDED);
        assertReason(
                decided(Phase.RECOVERING, both, END, Map.of(N2, END, N3, END)),
                Decision.PublishReady.class,
                Code.RECOVERY_ENDED);
    }

    @Test
    void a_standby_outside_of_the_set_does_not_count() {
        Decision decision =
                decided(Phase.RECOVERING, SynchronousSet.any(1, List.of(N2)), END, Map.of(N3, END));

        assertReason(decision, Decision.Stay.class, Code.CLIENTS_ARE_HELD);
        assertThat(decision.reason().detail()).contains("n2 is not connected");
    }

    @Test
    void a_promoted_primary_is_ready_at_once() {
        assertReason(
                decided(Phase.PROMOTING, ANY_OF_TWO, null, Map.of()),
                Decision.PublishReady.class,
                Code.RECOVERY_ENDED);
    }

    /** Its standbys must hear of its timeline, or they would never have it. */
    @Test
    void one_that_crashed_before_it_was_ready_is_followed_first() {
        assertReason(
                decided(Phase.PROMOTING, ANY_OF_TWO, END, Map.of()),
                Decision.PublishRecovering.class,
                Code.CLIENTS_ARE_HELD);
    }

    @Test
    void a_standby_that_is_gone_keeps_clients_out_in_strict_mode_only() {
        ClusterState held = state(Phase.RECOVERING, N1).withSynchronous(ANY_OF_TWO);
        Situations nobody =
                well().seenBy(N1)
                        .with(held)
                        .with(
                                new OwnPostgres.Primary(
                                        ((OwnPostgres.Primary) running(ANY_OF_TWO, END, Map.of()))
                                                .status(),
                                        new Replication(Set.of(), END, END)))
                        .reigning();

        Decision on = nobody.with(Mode.ON).decided();
        Decision strict = nobody.with(Mode.STRICT).decided();

        assertThat(on)
                .isInstanceOfSatisfying(
                        Decision.PublishSynchronous.class,
                        publish -> assertThat(publish.set()).isEqualTo(SynchronousSet.NONE));
        assertReason(strict, Decision.Stay.class, Code.CLIENTS_ARE_HELD);
        assertThat(strict.reason().detail()).contains("n2 is not connected");
    }

    @Test
    void a_restarted_primary_is_followed_as_one_that_is_ready() {
        ClusterState held = state(Phase.RECOVERING, N1);

        assertThat(well().with(held).decided().reason().code()).isEqualTo(Code.STANDBY_IS_WELL);
        assertThat(well().with(held).with(standby(TIMELINE, END, N3)).decided())
                .isInstanceOf(Decision.Follow.class);
        assertThat(well().with(held).with(new OwnPostgres.Absent()).decided())
                .isInstanceOf(Decision.Clone.class);
    }

    @Test
    void once_followed_it_is_never_promoted_again() {
        Decision decision =
                well().seenBy(N1)
                        .with(state(Phase.RECOVERING, N1))
                        .with(standby(TIMELINE, END, null))
                        .reigning()
                        .decided();

        assertReason(decision, Decision.Stop.class, Code.STARTED_WITHOUT_LEASE);
    }

    @Test
    void a_second_crash_is_left_to_a_standby_that_can_take_over() {
        Decision decision =
                alone(Phase.RECOVERING, ANY_OF_TWO)
                        .withMembers(
                                status(N1, Role.STOPPED),
                                status(N2, Role.STREAMING),
                                status(N3, Role.STREAMING))
                        .decided();

        assertReason(decision, Decision.Release.class, Code.CRASHED);
    }
}
