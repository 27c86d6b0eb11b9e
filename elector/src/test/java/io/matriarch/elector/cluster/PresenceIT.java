package io.matriarch.elector.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.matriarch.elector.cluster.Membership.Written;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.Lineage;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ZooKeeper shows of a name, and of nodes that cannot be read. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PresenceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");

    @TempDir private Path directory;
    private ZooKeeperServerResource server;
    private ClusterConnection first;
    private ClusterConnection second;

    @SuppressWarnings("NullAway.Init") // opened before each test
    PresenceIT() {}

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

    @ParameterizedTest
    @ValueSource(strings = {"\"phase\":\"PONDERING\"", "\"format\":2", "\"epoch\":null"})
    void a_state_that_cannot_be_read_is_not_taken_for_absent(String odd) throws Exception {
        String field = odd.substring(0, odd.indexOf(':'));
        String text =
                ClusterJson.text(state(7, N1)).replaceFirst(field + ":(\"[^\"]*\"|[0-9]+)", odd);
        first.nodes(N1).create("state", text, Nodes.Life.FOR_EVER);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(view(second).unreadableState()).isPresent());
        assertThat(view(second).state()).isNull();
        assertThat(view(second).stateVersion()).isZero();
        try (Membership member = new Membership(second.nodes(N2), N2)) {
            assertThat(member.joinLatch(PATIENCE)).isTrue();
            assertThatThrownBy(member::readState).isInstanceOf(ClusterException.class);
            String latch = member.latchPath().orElseThrow();
            assertThat(member.write(latch, state(1, N2), -1)).isEqualTo(Written.NO);
        }
    }

    @Test
    void a_member_that_cannot_be_read_is_told() throws Exception {
        first.nodes(N1).create("members/n1", "{}", Nodes.Life.OF_SESSION);
        first.nodes(N1).create("renewal", "", Nodes.Life.FOR_EVER);

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(view(second).unreadable()).containsOnlyKeys("members/n1"));
    }

    private static MemberStatus status(String incarnation, int port) {
        return new MemberStatus(
                N1,
                incarnation,
                new Endpoint("127.0.0.1", port),
                new MemberStatus.Sidecar("http://127.0.0.1:8008", "", null),
                MemberStatus.Role.STOPPED,
                null,
                null,
                Lsn.ZERO,
                Lsn.ZERO,
                -1,
                new MemberStatus.Build("test", 0));
    }

    @Test
    void a_name_is_one_live_members_and_passes_on_when_its_session_has_ended() throws Exception {
        Membership holder = new Membership(first.nodes(N1), N1);
        Membership other = new Membership(second.nodes(N1), N1);
        assertThat(holder.publish(status("a", 5432))).isTrue();

        assertThat(other.publish(status("b", 5432))).isFalse();
        assertThat(other.publish(status("a", 5433))).isFalse();
        assertThat(other.hasBeenPresent()).isFalse();
        assertThat(holder.publish(status("a", 5432))).isTrue();
        assertThat(holder.isPresent()).isTrue();

        first.close();
        await().atMost(PATIENCE).until(() -> other.publish(status("b", 5432)));
        assertThat(other.isPresent()).isTrue();
    }

    @Test
    void a_later_life_takes_its_name_over_at_once() {
        assertThat(new Membership(first.nodes(N1), N1).publish(status("a", 5432))).isTrue();

        assertThat(new Membership(second.nodes(N1), N1).publish(status("a", 5432))).isTrue();
    }

    @Test
    void of_two_who_claim_a_name_at_once_one_has_it() throws Exception {
        Nodes late = second.nodes(N1);
        Nodes nothingSeen =
                (Nodes)
                        Proxy.newProxyInstance(
                                Nodes.class.getClassLoader(),
                                new Class<?>[] {Nodes.class},
                                (proxy, method, arguments) ->
                                        method.getName().equals("read")
                                                ? Optional.empty()
                                                : call(late, method, arguments));
        assertThat(new Membership(first.nodes(N1), N1).publish(status("a", 5432))).isTrue();

        assertThat(new Membership(nothingSeen, N1).publish(status("b", 5433))).isFalse();

        assertThat(late.read("members/n1").orElseThrow()).contains("\"a\"");
    }

    private static Object call(Nodes nodes, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(nodes, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
