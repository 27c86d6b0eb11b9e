package io.matriarch.ambassador.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ambassador.core.ConnectionState.Cancelling;
import io.matriarch.ambassador.core.ConnectionState.Closed;
import io.matriarch.ambassador.core.ConnectionState.Closing;
import io.matriarch.ambassador.core.ConnectionState.Connecting;
import io.matriarch.ambassador.core.ConnectionState.Draining;
import io.matriarch.ambassador.core.ConnectionState.Established;
import io.matriarch.ambassador.core.ConnectionState.Greeting;
import io.matriarch.ambassador.core.ConnectionState.Held;
import io.matriarch.ambassador.core.ConnectionState.LoggingIn;
import io.matriarch.ambassador.core.ConnectionState.Progress;
import io.matriarch.ambassador.core.ConnectionState.Refusing;
import io.matriarch.ambassador.view.HoldReason;
import io.matriarch.ambassador.view.RoutingPolicy;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.ambassador.view.SampleCluster;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every state with every event: what is not in the table below stays as it is, without effects. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConnectionMachineTest {

    private static final BootTime EARLY = new BootTime(0);
    private static final BootTime LATE = new BootTime(1_000_000);

    private final ConnectionMachine machine =
            new ConnectionMachine(HoldSettings.DEFAULT, Timeouts.DEFAULT);
    private final SampleCluster cluster = SampleCluster.of("a", "b");
    private final Target.Primary target = cluster.primary(5, "a");
    private final RoutingTable same = table(RoutingTable.initial(Epoch.NONE), 5, Phase.READY, "a");
    private final RoutingTable draining = table(same, 5, Phase.DRAINING, "a");
    private final RoutingTable vacant = table(same, 5, Phase.VACANT, "a");
    private final RoutingTable higher = table(same, 6, Phase.PROMOTING, "b");

    private RoutingTable table(RoutingTable before, long epoch, Phase phase, String primary) {
        return before.with(cluster.view(epoch, phase, primary), EARLY, RoutingPolicy.DEFAULT);
    }

    private static Held held(Opening opening) {
        return new Held(
                Port.READ_WRITE,
                opening,
                EARLY,
                new BootTime(30_000),
                HoldReason.PROMOTING,
                true,
                EARLY,
                Set.of(),
                1);
    }

    private Map<String, ConnectionState> states() {
        BootTime deadline = new BootTime(500);
        Map<String, ConnectionState> states = new LinkedHashMap<>();
        states.put("greeting", new Greeting(Port.READ_WRITE, deadline));
        states.put("held", held(Opening.STARTUP));
        states.put("held-ssl", held(Opening.SSL_REQUEST));
        states.put("held-tls", held(Opening.DIRECT_TLS));
        states.put("connecting", new Connecting(held(Opening.STARTUP), target, 2, deadline));
        states.put("logging-in", new LoggingIn(held(Opening.STARTUP), target, 2, deadline));
        states.put("established", new Established(Port.READ_WRITE, target));
        for (Progress progress : Progress.values()) {
            states.put(
                    progress.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    new Draining(Port.READ_WRITE, target, 3, progress, deadline));
        }
        states.put("refusing", new Refusing(new Refusal("57P03", "no", "wait"), deadline));
        states.put("cancelling", new Cancelling(deadline));
        states.put("closing", new Closing(CloseCause.CUT_VACANT, target));
        states.put("closed", new Closed(CloseCause.FINISHED));
        return states;
    }

    private record Occasion(ConnectionEvent event, Moment moment) {}

    private Map<String, Occasion> events() {
        Map<String, Occasion> events = new LinkedHashMap<>();
        Moment now = new Moment(same, EARLY);
        events.put("startup", new Occasion(new ConnectionEvent.Opened(Opening.STARTUP), now));
        events.put("ssl", new Occasion(new ConnectionEvent.Opened(Opening.SSL_REQUEST), now));
        events.put("garbage", new Occasion(new ConnectionEvent.Opened(Opening.UNRECOGNISED), now));
        events.put("cancel", new Occasion(new ConnectionEvent.CancelAsked(List.of(target)), now));
        events.put("cancel-none", new Occasion(new ConnectionEvent.CancelAsked(List.of()), now));
        events.put("assigned", new Occasion(new ConnectionEvent.Assigned(target), now));
        events.put(
                "waiting", new Occasion(new ConnectionEvent.Waiting(HoldReason.NO_STANDBY), now));
        events.put("crowded", new Occasion(new ConnectionEvent.Crowded(1), now));
        events.put("exhausted", new Occasion(new ConnectionEvent.Exhausted(), now));
        events.put("connected", new Occasion(new ConnectionEvent.Connected(2), now));
        events.put(
                "connected-draining",
                new Occasion(new ConnectionEvent.Connected(2), new Moment(draining, EARLY)));
        events.put("connected-stale", new Occasion(new ConnectionEvent.Connected(1), now));
        events.put("failed", new Occasion(new ConnectionEvent.ConnectFailed(2), now));
        events.put("failed-stale", new Occasion(new ConnectionEvent.ConnectFailed(1), now));
        events.put("spoke", new Occasion(new ConnectionEvent.ServerSpoke(), now));
        events.put(
                "spoke-draining",
                new Occasion(new ConnectionEvent.ServerSpoke(), new Moment(draining, EARLY)));
        events.put("still", new Occasion(new ConnectionEvent.Still(3), now));
        events.put("still-stale", new Occasion(new ConnectionEvent.Still(2), now));
        events.put("asked", new Occasion(new ConnectionEvent.Asked(), now));
        events.put("owes-nothing", answered(Owed.NOTHING));
        events.put("owes-something", answered(Owed.SOMETHING));
        events.put("streams", answered(Owed.STREAMS));
        events.put("table-same", new Occasion(new ConnectionEvent.TableChanged(), now));
        events.put("table-draining", changed(draining));
        events.put("table-vacant", changed(vacant));
        events.put("table-higher", changed(higher));
        events.put("tick", new Occasion(new ConnectionEvent.Ticked(), now));
        events.put("tick-late", new Occasion(new ConnectionEvent.Ticked(), new Moment(same, LATE)));
        events.put("client-eof", new Occasion(new ConnectionEvent.ClientFinished(), now));
        events.put("shutdown", new Occasion(new ConnectionEvent.ShutDown(), now));
        events.put("ended", new Occasion(new ConnectionEvent.Ended(CloseCause.FINISHED), now));
        return events;
    }

    private Occasion answered(Owed owed) {
        return new Occasion(new ConnectionEvent.Answered(owed), new Moment(draining, EARLY));
    }

    private static Occasion changed(RoutingTable table) {
        return new Occasion(new ConnectionEvent.TableChanged(), new Moment(table, EARLY));
    }

    private static final String TABLE =
            """
            greeting,    startup,            Held,        ''
            greeting,    ssl,                Held,        ''
            greeting,    garbage,            Held,        ''
            greeting,    cancel,             Cancelling,  FanOut
            greeting,    cancel-none,        Closing,     Close
            greeting,    tick-late,          Closing,     Close
            greeting,    shutdown,           Closing,     Close
            greeting,    ended,              Closed,      ''
            held,        assigned,           Connecting,  Connect
            held,        waiting,            Held,        ''
            held,        crowded,            Closing,     Refuse
            held,        exhausted,          Held,        ''
            held,        client-eof,         Closing,     Close
            held,        tick-late,          Closing,     Refuse
            held,        shutdown,           Closing,     Close
            held,        ended,              Closed,      ''
            held-ssl,    assigned,           Connecting,  Connect
            held-ssl,    waiting,            Held,        ''
            held-ssl,    crowded,            Refusing,    AnswerNo
            held-ssl,    exhausted,          Held,        ''
            held-ssl,    client-eof,         Closing,     Close
            held-ssl,    tick-late,          Refusing,    AnswerNo
            held-ssl,    shutdown,           Closing,     Close
            held-ssl,    ended,              Closed,      ''
            held-tls,    assigned,           Connecting,  Connect
            held-tls,    waiting,            Held,        ''
            held-tls,    crowded,            Closing,     Close
            held-tls,    exhausted,          Held,        ''
            held-tls,    client-eof,         Closing,     Close
            held-tls,    tick-late,          Closing,     Close
            held-tls,    shutdown,           Closing,     Close
            held-tls,    ended,              Closed,      ''
            connecting,  connected,          LoggingIn,   Join
            connecting,  connected-draining, Held,        Abandon
            connecting,  failed,             Held,        ''
            connecting,  table-draining,     Held,        Abandon
            connecting,  table-vacant,       Held,        Abandon
            connecting,  table-higher,       Held,        Abandon
            connecting,  tick-late,          Closing,     Abandon Refuse
            connecting,  shutdown,           Closing,     Close
            connecting,  ended,              Closed,      ''
            logging-in,  failed,             Held,        ''
            logging-in,  spoke,              Established, ''
            logging-in,  table-vacant,       Closing,     Cut
            logging-in,  table-higher,       Closing,     Cut
            logging-in,  tick-late,          Closing,     Close
            logging-in,  shutdown,           Closing,     Close
            logging-in,  ended,              Closed,      ''
            established, table-vacant,       Closing,     Cut
            established, table-higher,       Closing,     Cut
            established, shutdown,           Closing,     Close
            established, ended,              Closed,      ''
            refusing,    startup,            Closing,     Refuse
            refusing,    ssl,                Refusing,    AnswerNo
            refusing,    garbage,            Closing,     Close
            refusing,    client-eof,         Closing,     Close
            refusing,    tick-late,          Closing,     Close
            refusing,    shutdown,           Closing,     Close
            refusing,    ended,              Closed,      ''
            cancelling,  tick-late,          Closing,     Close
            cancelling,  shutdown,           Closing,     Close
            cancelling,  ended,              Closed,      ''
            established, table-draining,      FREEZING,    Freeze
            freezing,    still,               STILL,       ''
            freezing,    table-same,          Established, Thaw
            freezing,    table-vacant,        Closing,     Cut
            freezing,    table-higher,        Closing,     Cut
            freezing,    tick-late,           GIVEN_UP,    Thaw
            freezing,    shutdown,            Closing,     Close
            freezing,    ended,               Closed,      ''
            still,       asked,               ASKED,       ''
            still,       table-same,          Established, Thaw
            still,       table-vacant,        Closing,     Cut
            still,       table-higher,        Closing,     Cut
            still,       tick-late,           GIVEN_UP,    Thaw
            still,       shutdown,            Closing,     Close
            still,       ended,               Closed,      ''
            asked,       owes-nothing,        QUIET,       ''
            asked,       owes-something,      FREEZING,    Advance
            asked,       streams,             EXEMPT,      Thaw
            asked,       table-same,          Established, Thaw
            asked,       table-vacant,        Closing,     Cut
            asked,       table-higher,        Closing,     Cut
            asked,       tick-late,           GIVEN_UP,    Thaw
            asked,       shutdown,            Closing,     Close
            asked,       ended,               Closed,      ''
            quiet,       table-same,          Established, Thaw
            quiet,       table-vacant,        Closing,     Cut
            quiet,       table-higher,        Closing,     Cut
            quiet,       tick-late,           GIVEN_UP,    Thaw
            quiet,       shutdown,            Closing,     Close
            quiet,       ended,               Closed,      ''
            exempt,      table-same,          Established, Thaw
            exempt,      table-vacant,        Closing,     Cut
            exempt,      table-higher,        Closing,     Cut
            exempt,      shutdown,            Closing,     Close
            exempt,      ended,               Closed,      ''
            given-up,    table-same,          Established, Thaw
            given-up,    table-vacant,        Closing,     Cut
            given-up,    table-higher,        Closing,     Cut
            given-up,    shutdown,            Closing,     Close
            given-up,    ended,               Closed,      ''
            logging-in,  spoke-draining,      FREEZING,    Freeze
            closing,     ended,              Closed,      ''
            """;

    @ParameterizedTest(name = "{0} + {1} -> {2} {3}")
    @CsvSource(textBlock = TABLE)
    void a_listed_pair_leads_where_the_table_says(
            String state, String event, String next, String effect) {
        Step step = step(state, event);

        assertThat(name(step.state())).isEqualTo(next);
        assertThat(effects(step)).isEqualTo(effect);
    }

    @Test
    void a_pair_that_is_not_listed_changes_nothing() {
        Set<String> listed =
                TABLE.lines()
                        .map(line -> line.split(", *"))
                        .map(cells -> cells[0].strip() + "+" + cells[1].strip())
                        .collect(Collectors.toSet());

        for (String state : states().keySet()) {
            for (String event : events().keySet()) {
                if (listed.contains(state + "+" + event)) {
                    continue;
                }
                Step step = step(state, event);
                assertThat(name(step.state()))
                        .as("%s + %s", state, event)
                        .isEqualTo(name(Objects.requireNonNull(states().get(state))));
                assertThat(effects(step)).as("%s + %s", state, event).isEmpty();
            }
        }
    }

    private static String name(ConnectionState state) {
        return state instanceof Draining draining
                ? draining.progress().name()
                : state.getClass().getSimpleName();
    }

    private Step step(String state, String event) {
        Occasion occasion = Objects.requireNonNull(events().get(event));
        return machine.on(
                Objects.requireNonNull(states().get(state)), occasion.event(), occasion.moment());
    }

    private static String effects(Step step) {
        return step.effects().stream()
                .map(effect -> effect.getClass().getSimpleName())
                .collect(Collectors.joining(" "));
    }

    @Test
    void the_hold_is_not_prolonged_by_a_failed_connect() {
        Step failed = step("connecting", "failed");

        assertThat(((Held) failed.state()).deadline()).isEqualTo(new BootTime(30_000));
        assertThat(((Held) failed.state()).notBefore()).isEqualTo(new BootTime(200));
    }

    @Test
    void a_session_that_is_frozen_again_is_in_a_round_of_its_own() {
        Moment handsOver = new Moment(draining, EARLY);
        ConnectionState goneOn = step("quiet", "table-same").state();

        Step again = machine.on(goneOn, new ConnectionEvent.TableChanged(), handsOver);

        assertThat(again.effects()).containsExactly(new ConnectionEffect.Freeze(4));
        assertThat(machine.on(again.state(), new ConnectionEvent.Still(3), handsOver).state())
                .isEqualTo(again.state());
    }

    @Test
    void a_cut_session_counts_for_its_epoch_until_its_sockets_are_closed() {
        assertThat(step("established", "table-higher").state())
                .isEqualTo(new Closing(CloseCause.CUT_HIGHER_EPOCH, target));
    }
}
