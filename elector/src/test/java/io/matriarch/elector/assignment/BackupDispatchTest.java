package io.matriarch.elector.assignment;

import static io.matriarch.elector.assignment.Clusters.N1;
import static io.matriarch.elector.assignment.Clusters.N2;
import static io.matriarch.elector.assignment.Clusters.N3;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.RunningBackup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupDispatchTest {

    private static final String P = "n1 primary 2 0/6000000";
    private static final String S2 = "n2 streaming 2 0/6000000";
    private static final String S3 = "n3 streaming 2 0/6000000";
    private static final ClusterView WELL = Clusters.of(Phase.READY, P, S2, S3);
    private static final Duration JUST_NOW = Duration.ZERO;
    private static final Duration LONG_AGO = BackupDispatch.BEGIN_PATIENCE.plusSeconds(1);

    private static Request asked(String id) {
        return Request.of(id, Kind.BACKUP, null, Map.of());
    }

    private static BackupDispatch next(ClusterView view, Duration unchanged, Request... requests) {
        return BackupDispatch.next(List.of(requests), view, List.of(), unchanged);
    }

    private static Request after(BackupDispatch next) {
        assertThat(next).isInstanceOf(BackupDispatch.Write.class);
        return ((BackupDispatch.Write) next).after();
    }

    private static RunningBackup running(MemberName member, String request) {
        return new RunningBackup(member, request, "", "copying", 1, 2, 0, Instant.EPOCH);
    }

    private static BackupOrder heldBy(MemberName member) {
        return new BackupOrder(asked("r")).assignedTo(member, "test");
    }

    @Test
    void a_new_request_is_handed_to_the_member_that_is_chosen() {
        Request after = after(next(WELL, JUST_NOW, asked("r")));

        assertThat(after.member()).isEqualTo(N3);
        assertThat(after.progress()).isEqualTo(Progress.PENDING);
        assertThat(after.message()).contains("n3 takes it: a standby that streams");
    }

    @Test
    void a_member_that_has_it_is_left_in_peace() {
        Request begun = heldBy(N3).begun().request();

        assertThat(next(WELL, LONG_AGO, begun)).isInstanceOf(BackupDispatch.Wait.class);
        assertThat(next(WELL, JUST_NOW, heldBy(N3).request()))
                .isInstanceOf(BackupDispatch.Wait.class);
    }

    @Test
    void one_is_served_after_the_other_and_who_waits_is_told_so_once() {
        Request begun = heldBy(N3).begun().request();

        Request told = after(next(WELL, JUST_NOW, begun, asked("later")));

        assertThat(told.id()).isEqualTo("later");
        assertThat(told.progress()).isEqualTo(Progress.PENDING);
        assertThat(told.message()).isEqualTo("waits: the base backup of request r is first");
        assertThat(next(WELL, JUST_NOW, begun, told)).isInstanceOf(BackupDispatch.Wait.class);
        assertThat(after(next(WELL, JUST_NOW, told)).member()).isEqualTo(N3);
    }

    @Test
    void a_member_that_does_not_begin_loses_it() {
        Request after = after(next(WELL, LONG_AGO, heldBy(N3).request()));

        assertThat(after.member()).isEqualTo(N2);
        assertThat(new BackupOrder(after).tried()).containsExactly(N3);
    }

    @Test
    void when_the_chosen_standby_dies_another_member_takes_over() {
        Request begun = heldBy(N3).begun().request();

        Request second = after(next(Clusters.of(Phase.READY, P, S2), JUST_NOW, begun));
        Request third =
                after(
                        next(
                                Clusters.of(Phase.READY, P),
                                JUST_NOW,
                                new BackupOrder(second).begun().request()));

        assertThat(second.member()).isEqualTo(N2);
        assertThat(third.member()).isEqualTo(N1);
        assertThat(new BackupOrder(third).tried()).containsExactly(N2, N3);
    }

    @Test
    void when_all_have_failed_the_request_has_failed_with_the_last_reason() {
        Request returned =
                heldBy(N1)
                        .handedBack(N3, "disk on fire")
                        .handedBack(N2, "disk on fire")
                        .handedBack(N1, "n1: disk full")
                        .request();

        Request after = after(next(WELL, JUST_NOW, returned));

        assertThat(after.progress()).isEqualTo(Progress.FAILED);
        assertThat(after.message()).contains("n1: disk full").contains("n1 has been tried");
    }

    @Test
    void without_a_primary_it_is_written_that_the_holder_is_gone_and_then_waited() {
        ClusterView vacant = Clusters.of(Phase.PROMOTING, P, S2);
        Request begun = heldBy(N3).begun().request();

        Request after = after(next(vacant, JUST_NOW, begun));

        assertThat(after.member()).isNull();
        assertThat(after.isOver()).isFalse();
        assertThat(next(vacant, JUST_NOW, after)).isInstanceOf(BackupDispatch.Wait.class);
    }

    @Test
    void an_origin_that_cannot_be_served_is_refused_at_once() {
        Request fromNine = Request.of("r", Kind.BACKUP, null, Map.of("from", "n9"));
        Request nonsense = Request.of("r", Kind.BACKUP, null, Map.of("from", "N 9"));

        assertThat(after(next(WELL, JUST_NOW, fromNine)).message()).isEqualTo("n9 does not live");
        assertThat(after(next(WELL, JUST_NOW, fromNine)).progress()).isEqualTo(Progress.FAILED);
        assertThat(after(next(WELL, JUST_NOW, nonsense)).message()).contains("member: N 9");
    }

    @Test
    void a_backup_whose_request_was_withdrawn_is_waited_for() {
        Request told =
                after(
                        BackupDispatch.next(
                                List.of(asked("r")),
                                WELL,
                                List.of(running(N2, "withdrawn")),
                                JUST_NOW));
        BackupDispatch waits =
                BackupDispatch.next(
                        List.of(told), WELL, List.of(running(N2, "withdrawn")), JUST_NOW);
        BackupDispatch goesOn =
                BackupDispatch.next(
                        List.of(asked("r")),
                        Clusters.of(Phase.READY, P, S3),
                        List.of(running(N2, "withdrawn")),
                        JUST_NOW);

        assertThat(told.message()).isEqualTo("waits: a backup runs on n2 already");
        assertThat(waits).isInstanceOf(BackupDispatch.Wait.class);
        assertThat(after(goesOn).member()).isEqualTo(N3);
    }

    @Test
    void a_member_serves_the_oldest_only_and_only_if_it_holds_it() {
        Request held = heldBy(N3).request();

        assertThat(BackupOrder.of(List.of(held), N3)).isPresent();
        assertThat(BackupOrder.of(List.of(held), N2)).isEmpty();
        assertThat(BackupOrder.of(List.of(asked("older"), held), N3)).isEmpty();
    }

    @Test
    void beginnings_are_counted_through_every_hand() {
        BackupOrder order =
                heldBy(N3).begun().handedBack(N3, "why").assignedTo(N2, "why").begun().begun();

        assertThat(order.beginnings()).isEqualTo(3);
        assertThat(order.tried()).containsExactly(N3);
    }
}
