package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Port;
import io.matriarch.ambassador.core.Question;
import io.matriarch.ambassador.core.Switchboard;
import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.elector.draining.Owed;
import io.matriarch.postgres.host.BootClock;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running proxy: two doors, event loops that move bytes, and the thread that decides. */
public final class Relay implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Relay.class);
    private static final long CLOSE_MILLIS = 5_000;

    private final MultiThreadIoEventLoopGroup group;
    private final ControlLoop control;
    private final Listeners listeners;
    private final Traffic traffic = new Traffic();
    private final InetSocketAddress readWrite;
    private final InetSocketAddress readOnly;

    /**
     * Listens when this returns.
     *
     * @throws RelayException if an address cannot be had; nothing is left open then
     */
    public Relay(
            RelaySettings settings,
            Transport transport,
            BootClock clock,
            RoutingTable initial,
            RelayListener listener)
            throws InterruptedException {
        group =
                new MultiThreadIoEventLoopGroup(
                        settings.listen().loops(),
                        new DefaultThreadFactory("ambassador", true),
                        transport.handlers());
        control =
                new ControlLoop(
                        new Switchboard(
                                settings.hold(), settings.timeouts(), settings.ramp(), initial),
                        clock,
                        listener);
        Dialer dialer = new Dialer(transport, settings.socket(), new Addresses());
        listeners =
                new Listeners(
                        group,
                        transport,
                        settings,
                        new Connection.Services(control, dialer, traffic));
        try {
            readWrite = listeners.listen(Port.READ_WRITE, settings.listen().readWrite());
            readOnly = listeners.listen(Port.READ_ONLY, settings.listen().readOnly());
        } catch (RelayException | InterruptedException e) {
            close();
            throw e;
        }
        log.atInfo()
                .addKeyValue("readWrite", readWrite)
                .addKeyValue("readOnly", readOnly)
                .addKeyValue("transport", transport)
                .log("ambassador is listening");
    }

    public InetSocketAddress readWrite() {
        return readWrite;
    }

    public InetSocketAddress readOnly() {
        return readOnly;
    }

    /** Replaces the routing table by what becomes of it. Never blocks; changes keep their order. */
    public void change(UnaryOperator<RoutingTable> change) {
        control.change(change);
    }

    /** What a primary said when it was asked; who is missing may owe something. Never blocks. */
    public void answer(Question question, Map<ConnectionId, Owed> answer) {
        control.answer(question, answer);
    }

    public RelayStatus status() {
        return new RelayStatus(
                control.status(), traffic.toServers().sum(), traffic.toClients().sum());
    }

    /** Closes doors and connections; waits for them, but no longer than a few seconds. */
    @Override
    public void close() {
        try {
            listeners.close();
            if (!control.end(CLOSE_MILLIS)) {
                log.atWarn().log("connections were still open at the end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
