package io.matriarch.failover.side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.matriarch.failover.side.Relay.Passing;
import io.matriarch.outside.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RelayTest {

    private static final int SHORT_MILLIS = 100;
    private static final int LONG_MILLIS = 10_000;

    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final int port = FreePort.draw();
    private final Relay relay = Relay.to(server.getLocalPort(), port);
    private final Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    private final Socket accepted = server.accept();

    RelayTest() throws IOException {}

    @BeforeEach
    void wait_not_for_ever() throws IOException {
        client.setSoTimeout(LONG_MILLIS);
        accepted.setSoTimeout(LONG_MILLIS);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        relay.close();
        server.close();
    }

    @Test
    void bytes_pass_both_ways() throws IOException {
        client.getOutputStream().write('a');
        accepted.getOutputStream().write('b');

        assertThat(accepted.getInputStream().read()).isEqualTo('a');
        assertThat(client.getInputStream().read()).isEqualTo('b');
    }

    @Test
    void what_is_sent_over_a_cut_way_arrives_once_it_is_mended() throws IOException {
        relay.let(Passing.NEITHER);
        client.getOutputStream().write('a');
        accepted.setSoTimeout(SHORT_MILLIS);
        assertThatExceptionOfType(SocketTimeoutException.class)
                .isThrownBy(() -> accepted.getInputStream().read());

        relay.let(Passing.BOTH);

        accepted.setSoTimeout(LONG_MILLIS);
        assertThat(accepted.getInputStream().read()).isEqualTo('a');
    }

    @Test
    void a_way_may_be_cut_in_one_direction() throws IOException {
        relay.let(Passing.TO_SERVER);

        client.getOutputStream().write('a');
        accepted.getOutputStream().write('b');

        assertThat(accepted.getInputStream().read()).isEqualTo('a');
        client.setSoTimeout(SHORT_MILLIS);
        assertThatExceptionOfType(SocketTimeoutException.class)
                .isThrownBy(() -> client.getInputStream().read());
    }

    @Test
    void an_end_of_one_side_ends_the_other() throws IOException {
        accepted.close();

        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
}
