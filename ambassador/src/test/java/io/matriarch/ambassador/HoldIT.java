package io.matriarch.ambassador;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.matriarch.ambassador.relay.ListenSettings;
import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberStatus.Role;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** New connections wait while there is no primary, and what becomes of them then. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class HoldIT {

    private static String answerTo(Socket client, int length) throws IOException {
        return new String(client.getInputStream().readNBytes(length), US_ASCII);
    }

    private static void awaitHeld(RunningAmbassador running, int count) {
        await().untilAsserted(() ->
                assertThat(running.status().held().count())
                        .as("%s", running.status())
                        .isEqualTo(count));
    }

    @Test
    void a_client_that_comes_during_a_promotion_waits_and_is_served_by_the_new_primary()
            throws Exception {
        try (FakeServer old = FakeServer.echo('o');
                FakeServer young = FakeServer.echo('y');
                RunningAmbassador running =
                        RunningAmbassador.open().with("a", old).with("b", young)) {
            running.show(1, Phase.READY, "a").show(2, Phase.PROMOTING, "b");
            try (Socket client = Clients.begin(running.readWrite())) {
                client.getOutputStream().write("hi".getBytes(US_ASCII));
                awaitHeld(running, 1);

                running.show(2, Phase.READY, "b");

                assertThat(answerTo(client, 3)).isEqualTo("yhi");
                assertThat(old.accepted()).isZero();
            }
        }
    }

    @Test
    void at_the_end_of_the_hold_a_client_is_told_57P03_and_why() throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running =
                        RunningAmbassador.open(
                                RunningAmbassador.settings()
                                        .withHold(RunningAmbassador.hold(10, 300, 300)))) {
            running.with("a", server).show(2, Phase.PROMOTING, "a");
            try (Socket client = Clients.connect(running.readWrite())) {
                client.getOutputStream().write(Clients.SSL_REQUEST);

                assertThat(client.getInputStream().read()).isEqualTo('N');
                client.getOutputStream().write(Clients.STARTUP);
                assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
                        .startsWith("E")
                        .contains("C57P03\0", "a new primary is being promoted");
            }
            assertThat(server.accepted()).isZero();
        }
    }

    @Test
    void one_too_many_is_refused_at_once() throws Exception {
        try (RunningAmbassador running =
                RunningAmbassador.open(
                        RunningAmbassador.settings()
                                .withHold(RunningAmbassador.hold(1, 30_000, 5_000)))) {
            try (Socket waiting = Clients.begin(running.readWrite())) {
                awaitHeld(running, 1);
                try (Socket refused = Clients.begin(running.readWrite())) {
                    assertThat(new String(refused.getInputStream().readAllBytes(), US_ASCII))
                            .contains("C57P03\0", "1 connections wait already");
                    assertThat(waiting.isConnected()).isTrue();
                }
            }
        }
    }

    @Test
    void a_server_that_refuses_connections_is_tried_again_until_it_takes_one() throws Exception {
        int port = closedPort();
        try (RunningAmbassador running = RunningAmbassador.open()) {
            running.cluster.add("a", new Endpoint("127.0.0.1", port));
            running.show(1, Phase.READY, "a");
            try (Socket client = Clients.begin(running.readWrite())) {
                awaitHeld(running, 1);
                try (FakeServer again =
                        FakeServer.at(
                                port,
                                socket -> {
                                    byte[] packet = Clients.readPacket(socket.getInputStream());
                                    socket.getOutputStream().write(packet);
                                })) {

                    assertThat(client.getInputStream().readNBytes(Clients.STARTUP.length))
                            .isEqualTo(Clients.STARTUP);
                    assertThat(again.accepted()).isEqualTo(1);
                }
            }
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket nobody = new ServerSocket(0)) {
            return nobody.getLocalPort();
        }
    }

    @Test
    void a_planned_switchover_holds_the_new_and_leaves_the_old_alone() throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = RunningAmbassador.open().with("a", server)) {
            running.show(1, Phase.READY, "a");
            try (Socket before = Clients.begin(running.readWrite())) {
                assertThat(answerTo(before, 1)).isEqualTo("a");

                running.show(1, Phase.DRAINING, "a");

                try (Socket after = Clients.begin(running.readWrite())) {
                    awaitHeld(running, 1);
                    before.getOutputStream().write("still".getBytes(US_ASCII));
                    assertThat(answerTo(before, 5)).isEqualTo("still");
                    running.show(1, Phase.READY, "a");
                    assertThat(answerTo(after, 1)).isEqualTo("a");
                }
            }
        }
    }

    @Test
    void a_primary_that_is_proven_dead_has_its_sessions_cut() throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = RunningAmbassador.open().with("a", server)) {
            running.show(1, Phase.READY, "a");
            try (Socket client = Clients.begin(running.readWrite())) {
                assertThat(answerTo(client, 1)).isEqualTo("a");

                running.show(1, Phase.VACANT, "a");

                await().untilAsserted(() -> assertThat(server.open()).isZero());
                await().untilAsserted(
                                () -> assertThat(running.status().counters().cut()).isEqualTo(1));
            }
        }
    }

    @Test
    void a_lost_store_neither_cuts_nor_refuses_anybody() throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = RunningAmbassador.open().with("a", server)) {
            running.show(1, Phase.READY, "a");
            try (Socket before = Clients.begin(running.readWrite())) {
                assertThat(answerTo(before, 1)).isEqualTo("a");

                running.ambassador.onViewLost();

                await().untilAsserted(() -> assertThat(running.status().viewIsFresh()).isFalse());
                before.getOutputStream().write("x".getBytes(US_ASCII));
                assertThat(answerTo(before, 1)).isEqualTo("x");
                try (Socket after = Clients.begin(running.readWrite())) {
                    assertThat(answerTo(after, 1)).isEqualTo("a");
                }
            }
        }
    }

    @Test
    void an_epoch_is_remembered_over_a_restart_and_a_lower_one_is_not_served(@TempDir Path dir)
            throws Exception {
        AmbassadorSettings settings = RunningAmbassador.settings().withStateDirectory(dir);
        try (FakeServer server = FakeServer.echo('a')) {
            try (RunningAmbassador first = RunningAmbassador.open(settings).with("a", server)) {
                first.show(7, Phase.READY, "a");
                await().untilAsserted(() -> assertThat(first.applied).contains(new Epoch(7)));
            }
            try (RunningAmbassador second = RunningAmbassador.open(settings).with("a", server)) {
                second.show(6, Phase.READY, "a");
                try (Socket client = Clients.begin(second.readWrite())) {
                    awaitHeld(second, 1);
                    second.show(7, Phase.READY, "a");
                    assertThat(answerTo(client, 1)).isEqualTo("a");
                }
            }
        }
    }

    @Test
    void readers_are_spread_over_the_standbys_and_spare_the_primary() throws Exception {
        try (FakeServer primary = FakeServer.echo('p');
                FakeServer one = FakeServer.echo('1');
                FakeServer two = FakeServer.echo('2');
                RunningAmbassador running =
                        RunningAmbassador.open().with("p", primary).with("s1", one)) {
            running.with("s2", two).cluster.role("p", Role.PRIMARY);
            running.show(1, Phase.READY, "p");
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 10; i++) {
                    Socket client = Clients.begin(running.readOnly());
                    clients.add(client);
                    assertThat(answerTo(client, 1)).isIn("1", "2");
                }

                assertThat(List.of(one.accepted(), two.accepted(), primary.accepted()))
                        .containsExactly(5, 5, 0);
            } finally {
                closeAll(clients);
            }
        }
    }

    @Test
    void readers_go_to_the_primary_when_no_standby_comes_in_time() throws Exception {
        try (FakeServer primary = FakeServer.echo('p');
                RunningAmbassador running =
                        RunningAmbassador.open(
                                RunningAmbassador.settings()
                                        .withHold(RunningAmbassador.hold(10, 5_000, 300)))) {
            running.with("p", primary).cluster.role("p", Role.PRIMARY);
            running.show(1, Phase.READY, "p");
            try (Socket client = Clients.begin(running.readOnly())) {
                awaitHeld(running, 1);

                assertThat(answerTo(client, 1)).isEqualTo("p");
            }
        }
    }

    @Test
    void a_cancel_request_reaches_every_server_that_has_readers() throws Exception {
        List<String> cancels = new CopyOnWriteArrayList<>();
        try (FakeServer one = cancellable("1", cancels);
                FakeServer two = cancellable("2", cancels);
                FakeServer idle = cancellable("idle", cancels);
                RunningAmbassador running =
                        RunningAmbassador.open().with("p", idle).with("s1", one).with("s2", two)) {
            running.cluster.role("p", Role.PRIMARY);
            running.show(1, Phase.READY, "p");
            try (Socket a = Clients.begin(running.readOnly());
                    Socket b = Clients.begin(running.readOnly());
                    Socket cancel = Clients.connect(running.readOnly())) {
                answerTo(a, 1);
                answerTo(b, 1);
                cancel.getOutputStream().write(Clients.cancel(42, 43));

                assertThat(cancel.getInputStream().read()).as("the end").isEqualTo(-1);

                assertThat(cancels).containsExactlyInAnyOrder("1", "2");
            }
        }
    }

    @Test
    void a_cancel_request_is_not_held() throws Exception {
        try (RunningAmbassador running = RunningAmbassador.open();
                Socket cancel = Clients.connect(running.readWrite())) {
            cancel.getOutputStream().write(Clients.cancel(42, 43));

            assertThat(cancel.getInputStream().read()).as("the end").isEqualTo(-1);
        }
    }

    private static FakeServer cancellable(String name, List<String> cancels) throws IOException {
        return FakeServer.open(socket -> {
            byte[] packet = Clients.readPacket(socket.getInputStream());
            if (packet.length == Clients.cancel(42, 43).length
                    && Arrays.equals(packet, Clients.cancel(42, 43))) {
                cancels.add(name);
                return;
            }
            socket.getOutputStream().write('s');
            socket.getInputStream().readAllBytes();
        });
    }

    @Test
    void five_hundred_that_wait_are_all_served_and_leave_no_descriptor_behind() throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = RunningAmbassador.open().with("a", server)) {
            running.show(1, Phase.READY, "a");
            try (Socket warm = Clients.begin(running.readWrite())) {
                answerTo(warm, 1);
            }
            await().untilAsserted(() -> assertThat(server.open()).isZero());
            long baseline = descriptors();
            running.show(2, Phase.PROMOTING, "a");
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 500; i++) {
                    clients.add(Clients.begin(running.readWrite()));
                }
                awaitHeld(running, 500);

                running.show(2, Phase.READY, "a");

                for (Socket client : clients) {
                    assertThat(new DataInputStream(client.getInputStream()).readByte())
                            .isEqualTo((byte) 'a');
                }
            } finally {
                closeAll(clients);
            }
            await().untilAsserted(() -> assertThat(server.open()).isZero());
            await().untilAsserted(
                            () -> assertThat(descriptors()).isLessThanOrEqualTo(baseline + 2));
        }
    }

    @Test
    void at_the_session_limit_the_next_client_waits_in_the_kernel_and_is_served_later()
            throws Exception {
        AmbassadorSettings base = RunningAmbassador.settings();
        AmbassadorSettings two =
                new AmbassadorSettings(
                        new ListenSettings(
                                base.listen().readWrite(), base.listen().readOnly(), 2, 16, 1),
                        base.socket(),
                        base.hold(),
                        base.timeouts(),
                        base.ramp(),
                        base.routing(),
                        null);
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = RunningAmbassador.open(two).with("a", server)) {
            running.show(1, Phase.READY, "a");
            try (Socket third = new Socket()) {
                try (Socket first = Clients.begin(running.readWrite());
                        Socket second = Clients.begin(running.readWrite())) {
                    assertThat(answerTo(first, 1) + answerTo(second, 1)).isEqualTo("aa");
                    third.connect(running.readWrite());
                    third.getOutputStream().write(Clients.STARTUP);
                    third.setSoTimeout(300);
                    assertThatThrownBy(() -> answerTo(third, 1))
                            .isInstanceOf(SocketTimeoutException.class);
                }
                third.setSoTimeout(20_000);
                assertThat(answerTo(third, 1)).isEqualTo("a");
            }
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
