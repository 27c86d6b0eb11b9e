package io.matriarch.ambassador;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.matriarch.ambassador.relay.Transport;
import io.matriarch.elector.situation.ClusterState.Phase;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes in are bytes out, on every transport, whoever ends first and however slowly one reads. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ByteExactnessIT {

    private static final int SIZE = 16 << 20;

    private static RunningAmbassador serving(Transport transport, FakeServer server)
            throws InterruptedException {
        RunningAmbassador running = new RunningAmbassador(RunningAmbassador.settings(), transport);
        return running.with("a", server).show(1, Phase.READY, "a");
    }

    private static long send(OutputStream out, int size) throws IOException {
        Random random = new Random(size);
        CRC32C sum = new CRC32C();
        byte[] chunk = new byte[10_007];
        for (int sent = 0; sent < size; sent += chunk.length) {
            random.nextBytes(chunk);
            int length = Math.min(chunk.length, size - sent);
            out.write(chunk, 0, length);
            sum.update(chunk, 0, length);
        }
        return sum.getValue();
    }

    /** The sum and the count of everything up to the end of the stream. */
    private static long[] drain(InputStream in, int chunk) throws IOException {
        CRC32C sum = new CRC32C();
        long count = 0;
        byte[] buffer = new byte[chunk];
        int read = in.read(buffer);
        while (read >= 0) {
            sum.update(buffer, 0, read);
            count += read;
            read = in.read(buffer);
        }
        return new long[] {sum.getValue(), count};
    }

    @ParameterizedTest
    @EnumSource
    void everything_that_a_server_said_before_it_closed_reaches_a_slow_reader(Transport transport)
            throws Exception {
        long[] sent = new long[1];
        CountDownLatch closed = new CountDownLatch(1);
        try (FakeServer server =
                        FakeServer.open(socket -> {
                            Clients.readPacket(socket.getInputStream());
                            sent[0] = send(socket.getOutputStream(), SIZE);
                            socket.close();
                            closed.countDown();
                        });
                RunningAmbassador running = serving(transport, server);
                Socket client = new Socket()) {
            client.setReceiveBufferSize(8 << 10);
            client.connect(running.readWrite());
            client.getOutputStream().write(Clients.STARTUP);

            InputStream in = client.getInputStream();
            byte[] first = in.readNBytes(1);
            CRC32C sum = new CRC32C();
            sum.update(first);
            byte[] rest = in.readAllBytes();
            sum.update(rest);

            closed.await();
            assertThat(rest.length + 1).isEqualTo(SIZE);
            assertThat(sum.getValue()).isEqualTo(sent[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_client_that_ends_its_half_first_still_gets_the_answer(Transport transport)
            throws Exception {
        try (FakeServer server =
                        FakeServer.open(socket -> {
                            Clients.readPacket(socket.getInputStream());
                            long[] got = drain(socket.getInputStream(), 3_000);
                            socket.getOutputStream()
                                    .write((got[0] + " " + got[1]).getBytes(US_ASCII));
                        });
                RunningAmbassador running = serving(transport, server);
                Socket client = Clients.begin(running.readWrite())) {
            long sum = send(client.getOutputStream(), SIZE);
            client.shutdownOutput();

            String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);

            assertThat(answer).isEqualTo(sum + " " + SIZE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_client_that_says_all_at_once_and_ends_its_half_is_heard(Transport transport)
            throws Exception {
        try (FakeServer server =
                        FakeServer.open(socket -> {
                            byte[] all = socket.getInputStream().readAllBytes();
                            socket.getOutputStream().write(all);
                        });
                RunningAmbassador running = serving(transport, server);
                Socket client = Clients.begin(running.readWrite())) {
            client.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).isEqualTo(Clients.STARTUP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_server_that_ends_its_half_ends_the_connection_after_its_last_byte(Transport transport)
            throws Exception {
        try (FakeServer server =
                        FakeServer.open(socket -> {
                            Clients.readPacket(socket.getInputStream());
                            send(socket.getOutputStream(), 1 << 20);
                            socket.shutdownOutput();
                            socket.getInputStream().readAllBytes();
                        });
                RunningAmbassador running = serving(transport, server);
                Socket client = Clients.begin(running.readWrite())) {
            long[] got = drain(client.getInputStream(), 8_192);

            assertThat(got[1]).isEqualTo(1 << 20);
            await().untilAsserted(() -> assertThat(server.open()).isZero());
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_last_words_of_a_server_that_resets_reach_a_client_that_is_sending(Transport transport)
            throws Exception {
        CountDownLatch spoken = new CountDownLatch(1);
        CountDownLatch mayReset = new CountDownLatch(1);
        try (FakeServer server =
                        FakeServer.open(socket -> {
                            Clients.readPacket(socket.getInputStream());
                            socket.getOutputStream().write("last words".getBytes(US_ASCII));
                            spoken.countDown();
                            mayReset.await();
                            // Unread bytes of the client make the kernel send a reset.
                        });
                RunningAmbassador running = serving(transport, server);
                Socket client = Clients.begin(running.readWrite())) {
            spoken.await();
            client.getOutputStream().write(new byte[100_000]);
            await().untilAsserted(() ->
                    assertThat(running.status().counters().bytesToServers())
                            .isGreaterThan(100_000));

            mayReset.countDown();

            assertThat(client.getInputStream().readNBytes(10))
                    .isEqualTo("last words".getBytes(US_ASCII));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_packet_that_comes_byte_by_byte_is_understood(Transport transport) throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = serving(transport, server);
                Socket client = Clients.connect(running.readWrite())) {
            client.setTcpNoDelay(true);
            for (byte one : Clients.STARTUP) {
                client.getOutputStream().write(one);
            }
            client.getOutputStream().write("hello".getBytes(US_ASCII));

            byte[] answer = new byte[6];
            new DataInputStream(client.getInputStream()).readFully(answer);

            assertThat(answer).isEqualTo("ahello".getBytes(US_ASCII));
        }
    }

    /** A client that got its first byte and then goes with a reset. */
    private static void reset(RunningAmbassador running) throws IOException {
        try (Socket client = Clients.begin(running.readWrite())) {
            client.getInputStream().readNBytes(1);
            client.setSoLinger(true, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_client_that_resets_ends_the_servers_side_too(Transport transport) throws Exception {
        try (FakeServer server = FakeServer.echo('a');
                RunningAmbassador running = serving(transport, server)) {
            reset(running);

            await().untilAsserted(() -> assertThat(server.open()).isZero());
            await().untilAsserted(() ->
                    assertThat(running.status().sessions().values())
                            .allMatch(sessions -> sessions == 0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_cut_resets_both_sides_and_what_waits_is_never_delivered(Transport transport)
            throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        AtomicInteger resets = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(2);
        try (FakeServer old =
                        FakeServer.open(socket -> {
                            Clients.readPacket(socket.getInputStream());
                            socket.getOutputStream().write('o');
                            mayRead.await();
                            try {
                                drain(socket.getInputStream(), 8_192);
                            } catch (IOException reset) {
                                resets.incrementAndGet();
                            }
                            done.countDown();
                        });
                FakeServer young = FakeServer.echo('y');
                RunningAmbassador running = serving(transport, old).with("b", young);
                Socket idle = Clients.begin(running.readWrite());
                Socket client = Clients.begin(running.readWrite())) {
            idle.getInputStream().readNBytes(1);
            client.getInputStream().readNBytes(1);
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    send(client.getOutputStream(), 64 << 20);
                                } catch (IOException expected) {
                                    // The cut.
                                }
                            });

            running.show(2, Phase.READY, "b");

            await().untilAsserted(() -> assertThat(running.applied.toString()).contains("2"));
            assertThatThrownBy(() -> idle.getInputStream().read()).isInstanceOf(IOException.class);
            writer.join();
            mayRead.countDown();
            done.await();
            assertThat(resets).as("an end of the stream would look like success").hasValue(2);
            assertThat(running.status().counters().cut()).isEqualTo(2);
        }
    }
}
