package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Crash;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CrashWeighingTest {

    private static final long LITTLE = 8 << 20;
    private static final long MUCH = 1L << 30;

    private static Situations asynchronous(OwnPostgres postgres) {
        return well().seenBy(N1)
                .with(Mode.OFF)
                .with(state(Phase.READY, N1).withSynchronous(null))
                .with(postgres);
    }

    private static OwnPostgres crashed(Cause cause, @Nullable Crash crash) {
        return new OwnPostgres.Stopped(data(EPOCH, Repair.NONE, false), cause, crash);
    }

    private static Code code(Situations situation) {
        return situation.reigning().decided().reason().code();
    }

    @Test
    void little_to_replay_is_recovered_in_place() {
        OwnPostgres postgres = crashed(Cause.CRASHED, new Crash(LITTLE, null));

        Decision decision = asynchronous(postgres).reigning().decided();

        assertThat(decision).isInstanceOf(Decision.StartAsPrimary.class);
        assertThat(decision.reason().code()).isEqualTo(Code.CRASHED_AND_BACK_SOON);
        assertThat(decision.reason().detail()).contains(Long.toString(LITTLE));
    }

    @Test
    void much_to_replay_is_left_to_a_standby() {
        assertThat(code(asynchronous(crashed(Cause.CRASHED, new Crash(MUCH, null)))))
                .isEqualTo(Code.CRASHED);
    }

    @Test
    void a_crash_of_which_nothing_is_known_is_left_to_a_standby() {
        assertThat(code(asynchronous(crashed(Cause.CRASHED, null)))).isEqualTo(Code.CRASHED);
    }

    @Test
    void a_start_that_failed_is_not_tried_again() {
        assertThat(code(asynchronous(crashed(Cause.FAILED, new Crash(LITTLE, null)))))
                .isEqualTo(Code.CRASHED);
    }

    @Test
    void who_crashes_again_soon_is_left_to_a_standby() {
        Crash again = new Crash(LITTLE, Duration.ofMinutes(2));
        Crash longAgo = new Crash(LITTLE, Duration.ofHours(2));

        assertThat(code(asynchronous(crashed(Cause.CRASHED, again)))).isEqualTo(Code.CRASHED);
        assertThat(code(asynchronous(crashed(Cause.CRASHED, longAgo))))
                .isEqualTo(Code.CRASHED_AND_BACK_SOON);
    }

    /** Its disk may be full, and then nothing can be prepared for a start. */
    @Test
    void who_has_not_started_again_for_long_is_left_to_a_standby() {
        Crash now = new Crash(LITTLE, null, Duration.ofMillis(800));
        Crash longAgo = new Crash(LITTLE, null, Duration.ofSeconds(4));

        assertThat(code(asynchronous(crashed(Cause.CRASHED, now))))
                .isEqualTo(Code.CRASHED_AND_BACK_SOON);
        assertThat(code(asynchronous(crashed(Cause.CRASHED, longAgo)))).isEqualTo(Code.CRASHED);
    }

    @Test
    void synchronous_standbys_take_over_at_once() {
        Situations synchronous =
                well().seenBy(N1).with(crashed(Cause.CRASHED, new Crash(LITTLE, null)));

        assertThat(code(synchronous)).isEqualTo(Code.CRASHED);
    }

    @Test
    void a_recovery_that_does_not_end_gives_way_to_a_standby() {
        assertThat(code(asynchronous(recovering(Duration.ofSeconds(1)))))
                .isEqualTo(Code.WAITING_FOR_POSTGRES);
        assertThat(code(asynchronous(recovering(Duration.ofSeconds(10)))))
                .isEqualTo(Code.RECOVERY_TAKES_TOO_LONG);
    }

    @Test
    void a_recovery_with_nobody_to_take_over_is_waited_for() {
        Situations alone =
                asynchronous(recovering(Duration.ofHours(1)))
                        .withMembers(Situations.status(N1, MemberStatus.Role.STARTING));

        assertThat(code(alone)).isEqualTo(Code.WAITING_FOR_POSTGRES);
    }

    /** Seen as a primary before, by another process, or never: it may be well, and only slow. */
    @Test
    void who_was_not_seen_to_crash_is_waited_for() {
        assertThat(code(asynchronous(recovering(null)))).isEqualTo(Code.WAITING_FOR_POSTGRES);
    }

    private static OwnPostgres recovering(@Nullable Duration since) {
        return new OwnPostgres.Starting(
                true, data(EPOCH, Repair.NONE, false), BootTime.ZERO, since, null);
    }
}
