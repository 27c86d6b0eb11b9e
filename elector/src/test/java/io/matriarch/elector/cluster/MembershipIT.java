package io.matriarch.elector.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.cluster.Membership.Written;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.RunningBackup;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.elector.situation.Vacancy;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol of authority against a real ZooKeeper server. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MembershipIT {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");

    @TempDir private Path directory;
    private ZooKeeperServerResource server;
    private ClusterConnection first;
    private ClusterConnection second;

    @SuppressWarnings("NullAway.Init") // opened before each test
    MembershipIT() {}

    @BeforeEach
    void open() throws Exception {
        server = new ZooKeeperServerResource(directory);
        first = connect();
        second = connect();
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
        server.close();
    }

    private ClusterConnection connect() throws InterruptedException {
        ZooKeeperSettings settings =
                new ZooKeeperSettings(
                        server.address(),
                        "test",
                        "c",
                        Duration.ofSeconds(2),
                        ZooKeeperServerResource.TICK);
        ClusterConnection connection = new ClusterConnection(settings, () -> {}).open();
        assertThat(connection.awaitLoaded(PATIENCE)).isTrue();
        return connection;
    }

    private static Renewal renewal(long epoch, MemberName primary) {
        return new Renewal(primary, new Epoch(epoch), new Lsn(0x3000148));
    }

    private static ClusterState state(long epoch, MemberName primary) {
        return new ClusterState(
                ClusterState.FORMAT,
                new Epoch(epoch),
                primary,
                "incarnation-" + primary,
                Phase.READY,
                new Lineage(TimelineId.FIRST, Lsn.ZERO),
                new Endpoint("127.0.0.1", 5432),
                SynchronousSet.any(1, List.of(N1, N2)),
                new SystemIdentifier(42),
                false,
                null,
                null);
    }

    private static ClusterView view(ClusterConnection connection) {
        return connection.view().orElseThrow();
    }

    @Test
    void a_state_is_read_as_it_was_written() throws Exception {
        try (Membership member = new Membership(first.nodes(N1), N1)) {
            assertThat(member.joinLatch(PATIENCE)).isTrue();

            Written written = member.write(member.latchPath().orElseThrow(), state(1, N1), -1);

            assertThat(written).isEqualTo(Written.YES);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(view(second).state()).isEqualTo(state(1, N1)));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(view(second).latch()).containsExactly(N1));
        }
    }

    @Test
    void only_the_holder_of_the_latch_writes_the_state() throws Exception {
        try (Membership holder = new Membership(first.nodes(N1), N1);
                Membership other = new Membership(second.nodes(N2), N2)) {
            assertThat(holder.joinLatch(PATIENCE)).isTrue();
            assertThat(other.joinLatch(Duration.ofMillis(300))).isFalse();
            String latch = holder.latchPath().orElseThrow();
            assertThat(holder.write(latch, state(1, N1), -1)).isEqualTo(Written.YES);

            Written late = other.write(latch + "-gone", state(2, N2), 0);

            assertThat(late).isEqualTo(Written.NO);
            assertThat(view(first).state()).isEqualTo(state(1, N1));
        }
    }

    @Test
    void a_write_over_another_version_is_refused() throws Exception {
        try (Membership holder = new Membership(first.nodes(N1), N1)) {
            holder.joinLatch(PATIENCE);
            String latch = holder.latchPath().orElseThrow();
            holder.write(latch, state(1, N1), -1);
            holder.write(latch, state(2, N1), 0);

            assertThat(holder.write(latch, state(3, N1), 0)).isEqualTo(Written.NO);
        }
    }

    @Test
    void a_deposed_member_neither_renews_nor_writes() throws Exception {
        Membership deposed = new Membership(first.nodes(N1), N1);
        deposed.joinLatch(PATIENCE);
        String latch = deposed.latchPath().orElseThrow();
        deposed.prepareRenewal();
        deposed.write(latch, state(1, N1), -1);
        Renewal told = renewal(1, N1);
        assertThat(deposed.renew(latch, told)).isTrue();

        server.expire(first.sessionId());

        try (Membership successor = new Membership(second.nodes(N2), N2)) {
            assertThat(successor.joinLatch(PATIENCE)).isTrue();
            String taken = successor.latchPath().orElseThrow();
            assertThat(successor.write(taken, state(2, N2), 0)).isEqualTo(Written.YES);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(first.isConnected()).isTrue();
                    assertThat(deposed.renew(latch, told)).isFalse();
                });
        assertThat(deposed.write(latch, state(1, N1), 1)).isEqualTo(Written.NO);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(view(first).state()).isEqualTo(state(2, N2)));
        assertThat(view(second).renewal()).isEqualTo(told);
        deposed.close();
    }

    @Test
    void a_release_vacates_the_place_and_the_latch_in_one_step() throws Exception {
        Membership holder = new Membership(first.nodes(N1), N1);
        holder.joinLatch(PATIENCE);
        String latch = holder.latchPath().orElseThrow();
        holder.write(latch, state(1, N1), -1);

        ClusterState vacated = state(1, N1).vacated(new Vacancy(Lsn.parse("0/1"), N2, "test"));
        assertThat(holder.release(latch, vacated, 0)).isEqualTo(Written.YES);

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(view(second).state()).isEqualTo(vacated);
                    assertThat(view(second).latch()).isEmpty();
                });
    }

    @Test
    void an_earlier_life_of_a_member_is_found_by_its_name() throws Exception {
        Membership former = new Membership(first.nodes(N1), N1);
        former.joinLatch(PATIENCE);

        try (Membership now = new Membership(second.nodes(N1), N1)) {
            assertThat(now.formerLatchPath()).isEqualTo(former.latchPath());
        }
        try (Membership stranger = new Membership(second.nodes(N2), N2)) {
            assertThat(stranger.formerLatchPath()).isEmpty();
        }
        former.close();
    }

    @Test
    void ballots_and_requests_reach_the_others() {
        Ballot ballot =
                new Ballot(N1, new Epoch(2), TimelineId.FIRST, Lsn.parse("0/3"), 0, null, null);
        new Membership(first.nodes(N1), N1).vote(ballot);
        Request request = Request.of("r1", Request.Kind.BACKUP, null, Map.of("a", "b"));
        first.ask(request);

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(view(second).ballots()).containsExactly(ballot);
                    assertThat(second.requests()).containsExactly(request);
                });
    }

    @Test
    void a_greater_ballot_takes_the_place_of_the_first_and_what_rested_on_that_fails()
            throws Exception {
        Ballot less =
                new Ballot(N2, new Epoch(2), TimelineId.FIRST, Lsn.parse("0/3"), 9, null, null);
        Ballot more =
                new Ballot(
                        N2,
                        new Epoch(2),
                        TimelineId.FIRST,
                        Lsn.parse("0/4"),
                        9,
                        Ballot.Concession.DEFAULT,
                        N1);
        Membership voter = new Membership(second.nodes(N2), N2);
        voter.vote(less);
        try (Membership candidate = new Membership(first.nodes(N1), N1)) {
            candidate.joinLatch(PATIENCE);
            String latch = candidate.latchPath().orElseThrow();
            candidate.write(latch, state(1, N1), -1);
            candidate.prepareRenewal();

            voter.voteAgain(more);
            voter.voteAgain(more);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(view(first).ballots()).containsExactly(more));
            assertThat(candidate.take(latch, state(2, N1), 0, List.of(less), renewal(2, N1)))
                    .isEqualTo(Written.NO);
            assertThat(candidate.take(latch, state(2, N1), 0, List.of(more), renewal(2, N1)))
                    .isEqualTo(Written.YES);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(view(second).renewal()).isEqualTo(renewal(2, N1)));
        }
    }

    @Test
    void a_ballot_of_an_earlier_version_grants_nothing() {
        String text =
                """
                {"member":"n1","epoch":"2","timeline":"1","received":"0/3","priority":7}
                """;

        assertThat(ClusterJson.read(text, Ballot.class))
                .contains(
                        new Ballot(
                                N1,
                                new Epoch(2),
                                TimelineId.FIRST,
                                Lsn.parse("0/3"),
                                7,
                                null,
                                null));
    }

    @Test
    void of_two_who_answer_a_request_at_once_one_has_answered() {
        Request asked = Request.of("r2", Request.Kind.BACKUP, null, Map.of());
        first.ask(asked);

        assertThat(first.replace(asked, asked.about(N1))).isTrue();
        assertThat(second.replace(asked, asked.about(N2))).isFalse();

        assertThat(second.readRequest("r2")).contains(asked.about(N1));
        first.withdraw("r2");
        assertThat(second.replace(asked.about(N1), asked.about(N2))).isFalse();
        assertThat(second.readRequest("r2")).isEmpty();
    }

    @Test
    void a_running_backup_is_seen_by_all_and_goes_with_its_session() throws Exception {
        RunningBackup half =
                new RunningBackup(N1, "r", "id", "copying", 5, 10, 1000, Instant.EPOCH);
        first.publish(new RunningBackup(N1, "r", "", "beginning", 0, 0, 0, Instant.EPOCH));
        first.publish(half);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(second.runningBackups()).containsExactly(half));
        assertThat(half.remaining()).contains(Duration.ofMillis(5));
        server.expire(first.sessionId());

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(second.runningBackups()).isEmpty());
    }

    @Test
    void a_ballot_goes_with_its_session() throws Exception {
        Ballot ballot =
                new Ballot(N1, new Epoch(2), TimelineId.FIRST, Lsn.parse("0/3"), 0, null, null);
        new Membership(first.nodes(N1), N1).vote(ballot);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(view(second).ballots()).hasSize(1));

        server.expire(first.sessionId());

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(view(second).ballots()).isEmpty());
    }

    @Test
    void the_authority_is_not_taken_on_a_ballot_that_was_withdrawn() throws Exception {
        Ballot other =
                new Ballot(N2, new Epoch(2), TimelineId.FIRST, Lsn.parse("0/3"), 0, null, null);
        Membership voter = new Membership(second.nodes(N2), N2);
        voter.vote(other);
        try (Membership candidate = new Membership(first.nodes(N1), N1)) {
            candidate.joinLatch(PATIENCE);
            String latch = candidate.latchPath().orElseThrow();
            candidate.write(latch, state(1, N1), -1);
            candidate.prepareRenewal();

            voter.withdrawBallots(new Epoch(1));

            assertThat(candidate.take(latch, state(2, N1), 0, List.of(other), renewal(2, N1)))
                    .isEqualTo(Written.NO);
            assertThat(candidate.take(latch, state(2, N1), 0, List.of(), renewal(2, N1)))
                    .isEqualTo(Written.YES);
        }
    }

    @Test
    void a_holder_whose_session_has_ended_joins_again_and_writes_the_same_state_anew()
            throws Exception {
        try (Membership holder = new Membership(first.nodes(N1), N1)) {
            holder.joinLatch(PATIENCE);
            String before = holder.latchPath().orElseThrow();
            long session = holder.session();
            holder.write(before, state(1, N1), -1);

            server.expire(first.sessionId());

            // Curator shows the node of the last session until it has heard of the new one.
            await().atMost(PATIENCE)
                    .until(() ->
                            holder.rejoinLatch(Duration.ofMillis(100))
                                    && !holder.latchPath().equals(Optional.of(before)));
            String latch = holder.latchPath().orElseThrow();
            assertThat(holder.sessionOf(latch)).hasValue(holder.session());
            assertThat(holder.session()).isNotEqualTo(session);
            assertThat(holder.write(latch, state(1, N1), 0)).isEqualTo(Written.YES);
            assertThat(holder.readState().orElseThrow().version()).isEqualTo(1);
        }
    }

    @Test
    void who_joins_again_writes_nothing_over_what_another_has_taken() throws Exception {
        try (Membership holder = new Membership(first.nodes(N1), N1);
                Membership successor = new Membership(second.nodes(N2), N2)) {
            holder.joinLatch(PATIENCE);
            holder.write(holder.latchPath().orElseThrow(), state(1, N1), -1);
            int known = holder.readState().orElseThrow().version();
            server.expire(first.sessionId());
            holder.leaveLatch();
            await().atMost(PATIENCE).until(() -> successor.joinLatch(PATIENCE));
            successor.prepareRenewal();
            successor.take(
                    successor.latchPath().orElseThrow(),
                    state(2, N2),
                    known,
                    List.of(),
                    renewal(2, N2));
            successor.leaveLatch();

            await().atMost(PATIENCE).until(() -> holder.rejoinLatch(Duration.ofMillis(100)));

            assertThat(holder.write(holder.latchPath().orElseThrow(), state(1, N1), known))
                    .isEqualTo(Written.NO);
        }
    }

    @Test
    void who_has_left_the_latch_can_prove_it_and_knows_the_state() throws Exception {
        try (Membership member = new Membership(first.nodes(N1), N1)) {
            member.joinLatch(PATIENCE);
            member.write(member.latchPath().orElseThrow(), state(1, N2), -1);

            var proof = member.proveOutOfLatch();

            assertThat(proof.orElseThrow().orElseThrow().state()).isEqualTo(state(1, N2));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(view(second).latch()).isEmpty());
        }
    }

    @Test
    void nothing_is_proven_while_an_earlier_life_stands_in_the_latch() throws Exception {
        try (Membership earlier = new Membership(first.nodes(N1), N1);
                Membership later = new Membership(second.nodes(N1), N1)) {
            earlier.joinLatch(PATIENCE);

            assertThat(later.proveOutOfLatch()).isEmpty();

            server.expire(first.sessionId());
            earlier.leaveLatch();
            await().atMost(PATIENCE).until(() -> later.proveOutOfLatch().isPresent());
        }
    }

    @Test
    void the_secret_for_vows_is_the_same_for_all() {
        assertThat(first.vowSecret()).isEqualTo(second.vowSecret()).hasSize(64);
    }

    @Test
    void the_granted_session_is_known() {
        assertThat(first.negotiatedSession()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void the_owner_of_the_archive_is_the_same_for_all() {
        assertThat(first.archiveOwner()).isEqualTo(second.archiveOwner()).isNotBlank();
    }
}
