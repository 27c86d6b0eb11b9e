package io.matriarch.ambassador.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ambassador.view.RoutingPolicy;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.ambassador.view.SampleCluster;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.postgres.BootTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SwitchboardTest {

    private final SampleCluster cluster = SampleCluster.of("a", "b", "c").role("a", Role.PRIMARY);
    private final Switchboard board =
            new Switchboard(
                    HoldSettings.DEFAULT,
                    Timeouts.DEFAULT,
                    new RampSettings(3, 10, 2),
                    RoutingTable.initial(Epoch.NONE));
    private BootTime now = new BootTime(0);
    private long lastId;

    private List<Order> show(long epoch, Phase phase, String primary) {
        return board.onTable(
                board.table().with(cluster.view(epoch, phase, primary), now, RoutingPolicy.DEFAULT),
                now);
    }

    private List<Order> open(Port port, Opening opening) {
        ConnectionId id = new ConnectionId(++lastId);
        board.accept(id, port, now);
        return board.on(id, new ConnectionEvent.Opened(opening), now);
    }

    private List<Order> open(Port port) {
        return open(port, Opening.STARTUP);
    }

    private List<Order> after(long millis) {
        now = new BootTime(now.millis() + millis);
        return board.tick(now);
    }

    private List<Order> happens(long id, ConnectionEvent event) {
        return board.on(new ConnectionId(id), event, now);
    }

    private void establish(long id) {
        happens(id, new ConnectionEvent.Connected(1));
        happens(id, new ConnectionEvent.ServerSpoke());
    }

    private static List<Long> connects(List<Order> orders) {
        return orders.stream()
                .filter(order -> order.effect() instanceof ConnectionEffect.Connect)
                .map(order -> order.connection().value())
                .toList();
    }

    private static Target onlyTarget(List<Order> orders) {
        assertThat(orders).hasSize(1);
        return ((ConnectionEffect.Connect) orders.getFirst().effect()).target();
    }

    @Test
    void logins_per_server_are_limited_and_the_first_come_is_the_first_served() {
        show(1, Phase.READY, "a");
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            orders.addAll(open(Port.READ_WRITE));
        }

        assertThat(connects(orders)).containsExactly(1L, 2L, 3L);
        happens(2, new ConnectionEvent.Connected(1));
        assertThat(connects(happens(2, new ConnectionEvent.ServerSpoke()))).containsExactly(4L);
    }

    @Test
    void those_that_waited_for_a_primary_are_released_with_a_ramp() {
        for (int i = 0; i < 20; i++) {
            open(Port.READ_WRITE);
        }

        List<Long> atOnce = connects(show(1, Phase.READY, "a"));
        atOnce.forEach(this::establish);
        int inOneSecond = 0;
        for (int tick = 0; tick < 40; tick++) {
            List<Long> released = connects(after(25));
            released.forEach(this::establish);
            inOneSecond += released.size();
        }

        assertThat(atOnce).containsExactly(1L, 2L, 3L);
        assertThat(inOneSecond).isBetween(9, 10);
    }

    @Test
    void without_a_wait_before_there_is_no_ramp() {
        show(1, Phase.READY, "a");

        for (long i = 1; i <= 100; i++) {
            assertThat(connects(open(Port.READ_WRITE))).containsExactly(i);
            establish(i);
        }
    }

    @Test
    void a_client_that_says_nothing_recognisable_takes_no_place_of_a_login() {
        show(1, Phase.READY, "a");
        for (long i = 1; i <= 10; i++) {
            open(Port.READ_WRITE, Opening.DIRECT_TLS);
            happens(i, new ConnectionEvent.Connected(1));
        }

        assertThat(connects(open(Port.READ_WRITE))).containsExactly(11L);
    }

    @Test
    void readers_go_to_the_standby_with_fewest_sessions() {
        show(1, Phase.READY, "a");

        Target first = onlyTarget(open(Port.READ_ONLY));
        establish(1);
        Target second = onlyTarget(open(Port.READ_ONLY));
        establish(2);
        happens(1, new ConnectionEvent.Ended(CloseCause.FINISHED));
        Target third = onlyTarget(open(Port.READ_ONLY));

        assertThat(first).isEqualTo(cluster.standby("b"));
        assertThat(second).isEqualTo(cluster.standby("c"));
        assertThat(third).isEqualTo(cluster.standby("b"));
    }

    @Test
    void a_reader_whose_standby_fails_is_given_another() {
        show(1, Phase.READY, "a");
        open(Port.READ_ONLY);

        happens(1, new ConnectionEvent.ConnectFailed(1));

        assertThat(onlyTarget(after(200))).isEqualTo(cluster.standby("c"));
    }

    @Test
    void readers_go_to_the_primary_only_after_their_wait() {
        cluster.gone("b").gone("c");
        show(1, Phase.READY, "a");

        assertThat(open(Port.READ_ONLY)).isEmpty();
        assertThat(after(4_900)).isEmpty();
        assertThat(onlyTarget(after(100))).isEqualTo(cluster.primary(1, "a"));
    }

    @Test
    void a_cancel_request_goes_to_the_primary_also_while_it_drains() {
        show(1, Phase.READY, "a");
        show(1, Phase.DRAINING, "a");

        assertThat(open(Port.READ_WRITE, Opening.CANCEL))
                .containsExactly(
                        new Order(
                                new ConnectionId(1),
                                new ConnectionEffect.FanOut(List.of(cluster.primary(1, "a")))));
    }

    private Question question() {
        return board.question(now).orElseThrow();
    }

    @Test
    void sessions_may_be_ended_when_the_last_owes_nothing() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE);
        open(Port.READ_WRITE);
        establish(1);
        establish(2);
        show(1, Phase.DRAINING, "a");
        happens(1, new ConnectionEvent.Still(1));
        happens(2, new ConnectionEvent.Still(1));

        Question first = question();
        assertThat(first.sessions()).containsExactly(new ConnectionId(1), new ConnectionId(2));
        List<Order> goesOn = board.answered(first, Map.of(new ConnectionId(1), Owed.NOTHING), now);

        assertThat(goesOn)
                .as("who is not answered for may owe something")
                .containsExactly(new Order(new ConnectionId(2), new ConnectionEffect.Advance(2)));
        assertThat(board.drained()).isEqualTo(Epoch.NONE);
        assertThat(board.question(now)).as("before it stands still again").isEmpty();
        happens(2, new ConnectionEvent.Still(2));
        board.answered(question(), Map.of(new ConnectionId(2), Owed.NOTHING), now);
        assertThat(board.drained()).isEqualTo(new Epoch(1));
    }

    @Test
    void one_question_at_a_time_is_asked() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE);
        open(Port.READ_WRITE);
        establish(1);
        establish(2);
        show(1, Phase.DRAINING, "a");
        happens(1, new ConnectionEvent.Still(1));
        Question first = question();

        happens(2, new ConnectionEvent.Still(1));

        assertThat(board.question(now)).isEmpty();
        board.answered(first, Map.of(), now);
        assertThat(question().sessions()).containsExactly(new ConnectionId(2));
    }

    @Test
    void a_switchover_that_comes_to_nothing_lets_everybody_go_on() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE);
        establish(1);
        show(1, Phase.DRAINING, "a");

        assertThat(show(1, Phase.READY, "a"))
                .containsExactly(new Order(new ConnectionId(1), new ConnectionEffect.Thaw()));
        assertThat(board.drained()).isEqualTo(Epoch.NONE);
    }

    @Test
    void a_session_that_logs_in_is_waited_for() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE);
        happens(1, new ConnectionEvent.Connected(1));

        show(1, Phase.DRAINING, "a");

        assertThat(board.drained()).isEqualTo(Epoch.NONE);
        assertThat(happens(1, new ConnectionEvent.ServerSpoke()))
                .containsExactly(new Order(new ConnectionId(1), new ConnectionEffect.Freeze(1)));
    }

    @Test
    void cancel_requests_in_flight_are_limited() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE, Opening.CANCEL);
        open(Port.READ_WRITE, Opening.CANCEL);

        assertThat(open(Port.READ_WRITE, Opening.CANCEL).getFirst().effect())
                .isEqualTo(new ConnectionEffect.Close(CloseCause.CANCEL_DONE));
    }

    @Test
    void an_epoch_counts_as_applied_when_the_last_socket_of_the_former_is_closed() {
        show(1, Phase.READY, "a");
        open(Port.READ_WRITE);
        establish(1);

        show(2, Phase.READY, "b");
        assertThat(board.applied()).isEqualTo(new Epoch(1));

        happens(1, new ConnectionEvent.Ended(CloseCause.FINISHED));
        assertThat(board.applied()).isEqualTo(new Epoch(2));
    }
}
