package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A primary whose Postgres runs, has served, and does not answer any more. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class HangingPrimaryTest {

    @Test
    void a_primary_that_has_served_and_hangs_is_stopped_for_a_standby() {
        assertThat(hanging(Duration.ofSeconds(19)).decided().reason().detail())
                .isEqualTo("Postgres has not answered for 19 s");
        Decision decision = hanging(Duration.ofSeconds(31)).decided();

        assertReason(decision, Decision.Stop.class, Code.POSTGRES_SILENT);
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Stop.class, stop -> assertThat(stop.isImmediate()).isTrue());
    }

    @Test
    void a_primary_that_hangs_and_that_nobody_could_succeed_is_told_of() {
        Decision alone =
                hanging(Duration.ofSeconds(31)).withMembers(status(N2, Role.STARTING)).decided();

        assertReason(alone, Decision.Hold.class, Code.POSTGRES_SILENT);
        assertThat(alone.reason().detail())
                .isEqualTo("Postgres has not answered for 31 s, and nobody could succeed it");
        assertReason(
                hanging(Duration.ofMinutes(1))
                        .with(Situations.paused(state(Phase.READY, N2)))
                        .decided(),
                Decision.Hold.class,
                Code.POSTGRES_SILENT);
    }

    @Test
    void who_answers_with_an_error_or_has_not_served_yet_is_waited_for() {
        assertReason(
                hanging(Duration.ZERO).decided(), Decision.Stay.class, Code.WAITING_FOR_POSTGRES);
        assertReason(hanging(null).decided(), Decision.Stay.class, Code.WAITING_FOR_POSTGRES);
        assertThat(hanging(null).decided().reason().detail()).isEqualTo("Postgres is starting");
    }

    private static Situations hanging(@Nullable Duration silentFor) {
        return well().with(state(Phase.READY, N2))
                .with(
                        new OwnPostgres.Starting(
                                true,
                                Situations.data(Situations.EPOCH, Repair.NONE, false),
                                BootTime.ZERO,
                                null,
                                silentFor))
                .withMembers(
                        status(N1, Role.STREAMING),
                        status(N2, Role.STARTING),
                        status(N3, Role.STREAMING))
                .reigning();
    }

    private static void assertReason(Decision decision, Class<? extends Decision> kind, Code code) {
        assertThat(decision).isInstanceOf(kind);
        assertThat(decision.reason().code()).isEqualTo(code);
    }
}
