package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.END;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.N2;
import static io.matriarch.elector.decision.Situations.N3;
import static io.matriarch.elector.decision.Situations.TIMELINE;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.impostor;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.state;
import static io.matriarch.elector.decision.Situations.status;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a member does under a name that is not its own, or with a record that it cannot read. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RefusalTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @ParameterizedTest
    @MethodSource("everyPostgres")
    void nothing_is_done_on_a_record_that_cannot_be_read(OwnPostgres postgres) {
        Decision decision =
                well().with((ClusterState) null)
                        .withUnreadable(ClusterView.STATE)
                        .withMembers()
                        .withLatch()
                        .with(postgres)
                        .decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_UNREADABLE);
        assertThat(decision.reason().detail()).contains("nobody knows this word", "upgrade");
    }

    private static List<OwnPostgres> everyPostgres() {
        return List.of(
                new OwnPostgres.Absent(),
                stopped(null, Cause.NOT_STARTED),
                stopped(EPOCH, Cause.CRASHED),
                standby(TIMELINE, END, N1),
                primary());
    }

    @Test
    void a_primary_keeps_its_authority_over_a_record_that_cannot_be_read() {
        Decision decision =
                well().seenBy(N1)
                        .with(primary())
                        .reigning()
                        .with((ClusterState) null)
                        .withUnreadable(ClusterView.STATE)
                        .decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_UNREADABLE);
    }

    @Test
    void an_empty_member_makes_no_cluster_beside_a_member_that_cannot_be_read() {
        Decision decision =
                well().with((ClusterState) null)
                        .with(new OwnPostgres.Absent())
                        .withMembers()
                        .withUnreadable("members/n1")
                        .decided();

        assertReason(decision, Decision.Hold.class, Code.STATE_IS_MISSING);
    }

    static List<OwnPostgres> nothingThatRuns() {
        return List.of(
                new OwnPostgres.Absent(),
                new OwnPostgres.Unsealed(),
                stopped(null, Cause.NOT_STARTED),
                stopped(EPOCH, Cause.CRASHED),
                new OwnPostgres.Stopping(data(null, Repair.NONE, false), BootTime.ZERO));
    }

    @ParameterizedTest
    @MethodSource("nothingThatRuns")
    void nothing_is_begun_under_a_name_that_another_has(OwnPostgres postgres) {
        Situations cluster =
                well().with(postgres)
                        .withMembers(
                                status(N1, Role.PRIMARY), impostor(N2), status(N3, Role.STANDBY));

        assertTaken(cluster.decided(), Decision.Hold.class);
        assertTaken(cluster.with((ClusterState) null).withLatch().decided(), Decision.Hold.class);
        assertTaken(
                cluster.with(state(Phase.VACANT, N1)).vacantFor(LONG, null).decided(),
                Decision.Hold.class);
    }

    @Test
    void a_standby_under_a_name_that_another_has_is_stopped() {
        Situations cluster = well().withMembers(status(N1, Role.PRIMARY), impostor(N2));

        assertTaken(cluster.decided(), Decision.Stop.class);
        assertTaken(
                cluster.with(state(Phase.VACANT, N1)).vacantFor(LONG, LONG).decided(),
                Decision.Stop.class);
        assertTaken(
                cluster.with(
                                new OwnPostgres.Starting(
                                        false, data(null, Repair.NONE, false), BootTime.ZERO))
                        .decided(),
                Decision.Stop.class);
    }

    @Test
    void a_name_that_cannot_be_read_is_taken() {
        Decision decision =
                well().withMembers(status(N1, Role.PRIMARY)).withUnreadable("members/n2").decided();

        assertReason(decision, Decision.Stop.class, Code.NAME_IS_TAKEN);
    }

    @Test
    void a_copy_of_a_disk_is_known_by_its_endpoint() {
        MemberStatus other = impostor(N2);
        MemberStatus copy =
                new MemberStatus(
                        N2,
                        "incarnation-n2",
                        other.postgres(),
                        other.sidecar(),
                        other.role(),
                        other.systemIdentifier(),
                        other.timeline(),
                        other.received(),
                        other.replayed(),
                        0,
                        other.build());

        assertTaken(well().withMembers(copy).decided(), Decision.Stop.class);
    }

    @Test
    void who_reigns_is_not_disturbed_by_another_of_its_name() {
        Decision decision =
                well().with(state(Phase.READY, N2))
                        .with(primary())
                        .reigning()
                        .withMembers(
                                status(N1, Role.STREAMING),
                                impostor(N2),
                                status(N3, Role.STREAMING))
                        .decided();

        assertReason(decision, Decision.Stay.class, Code.PRIMARY_IS_WELL);
    }

    @Test
    void a_primary_without_authority_is_stopped_whoever_has_its_name() {
        Decision decision = well().with(primary()).withMembers(impostor(N2)).decided();

        assertReason(decision, Decision.Stop.class, Code.NO_AUTHORITY);
    }

    private static void assertTaken(Decision decision, Class<? extends Decision> kind) {
        assertReason(decision, kind, Code.NAME_IS_TAKEN);
        assertThat(decision.reason().detail()).contains("elsewhere:5432", "name of its own");
    }
}
