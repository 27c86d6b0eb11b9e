package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.CloseCause;
import io.matriarch.ambassador.core.ConnectionEffect;
import io.matriarch.ambassador.core.ConnectionEvent;
import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Opening;
import io.matriarch.ambassador.core.Port;
import io.matriarch.ambassador.view.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of everything that belongs to a client's connection: both sockets and the bytes
 * that wait. It lives on the client's event loop; all methods but {@link #perform} are called
 * there. That everything is closed is reported exactly once.
 */
final class Connection {

    /** Which bytes mean something here. */
    private enum Stage {
        /** The client's next packet is being read. */
        OPENING,
        /** The packet was reported; an effect is awaited. */
        WAITING,
        JOINED,
        ENDING
    }

    private final ConnectionId id;
    private final Port port;
    private final Reports reports;
    private final Dialer dialer;
    private final Traffic traffic;
    private final Leg client;
    private final List<Channel> cancels = new ArrayList<>();
    private Stage stage = Stage.OPENING;
    private @Nullable Leg server;
    private @Nullable Standstill standstill;
    private int attempt;
    private CloseCause cause = CloseCause.FINISHED;
    private boolean hasEnded;
    private volatile @Nullable InetSocketAddress session;

    Connection(ConnectionId id, Port port, Channel client, Services services) {
        this.id = id;
        this.port = port;
        this.reports = services.reports();
        this.dialer = services.dialer();
        this.traffic = services.traffic();
        this.client = new Leg(this, client, traffic.toServers());
    }

    /** What every connection shares. */
    record Services(Reports reports, Dialer dialer, Traffic traffic) {}

    ConnectionId id() {
        return id;
    }

    Leg client() {
        return client;
    }

    /** Carries out an effect on the event loop. May be called by any thread. */
    void perform(ConnectionEffect effect) {
        client.channel().eventLoop().execute(() -> obey(effect));
    }

    private void obey(ConnectionEffect effect) {
        boolean isOver = stage == Stage.ENDING && !(effect instanceof ConnectionEffect.Cut);
        if (hasEnded || isOver) {
            return;
        }
        switch (effect) {
            case ConnectionEffect.Connect(var number, var target) -> connect(number, target);
            case ConnectionEffect.Abandon(var number) -> abandon(number);
            case ConnectionEffect.Join(var number) -> join(number);
            case ConnectionEffect.AnswerNo _ -> answerNo();
            case ConnectionEffect.Refuse(var refusal) -> {
                end(CloseCause.REFUSED);
                var _ = client.channel().write(Unpooled.wrappedBuffer(refusal.toBytes()));
                client.closeAfterFlush();
            }
            case ConnectionEffect.FanOut(var targets) -> fanOut(targets);
            case ConnectionEffect.Freeze(var round) -> freeze(round);
            case ConnectionEffect.Advance(var round) -> {
                if (standstill != null) {
                    standstill.advance(round);
                }
            }
            case ConnectionEffect.Thaw _ -> thaw();
            case ConnectionEffect.Close(var reason) -> close(reason);
            case ConnectionEffect.Cut(var reason) -> cut(reason);
        }
    }

    void onActive(Leg leg) {
        if (leg == client) {
            reports.accepted(this, port);
            var _ = client.channel().read();
        }
    }

    /**
     * Bytes that nobody takes yet: of a client before its server, or of a server before the join.
     */
    void onEarly(Leg leg) {
        if (leg != client || stage != Stage.OPENING) {
            return;
        }
        Opening opening = opening();
        if (opening != Opening.INCOMPLETE) {
            stage = Stage.WAITING;
            report(new ConnectionEvent.Opened(opening));
        } else if (!client.isFinished()) {
            var _ = client.channel().read();
        }
    }

    private Opening opening() {
        ByteBuf early = client.early();
        return early == null ? Opening.INCOMPLETE : Opening.of(early.nioBuffer());
    }

    private void connect(int number, Target target) {
        attempt = number;
        ChannelFuture dialed =
                dialer.dial(
                        client.channel().eventLoop(),
                        target.server(),
                        channel -> {
                            Leg leg = new Leg(this, channel, traffic.toClients());
                            server = leg;
                            return leg;
                        });
        var _ =
                dialed.addListener(done -> {
                    if (done.isSuccess()) {
                        report(new ConnectionEvent.Connected(number));
                    } else {
                        onDialFailed(number);
                    }
                });
    }

    private void onDialFailed(int number) {
        if (number == attempt && stage == Stage.WAITING) {
            dropServer();
            report(new ConnectionEvent.ConnectFailed(number));
        }
        endIfClosed();
    }

    private void abandon(int number) {
        if (number == attempt && stage == Stage.WAITING) {
            dropServer();
        }
    }

    /** Closes a server's socket that was given nothing; its end is not news then. */
    private void dropServer() {
        Leg dropped = server;
        server = null;
        if (dropped != null) {
            dropped.release();
            var _ = dropped.channel().close();
        }
    }

    private void join(int number) {
        Leg joined = server;
        if (number != attempt || joined == null || stage != Stage.WAITING) {
            return;
        }
        stage = Stage.JOINED;
        session = (InetSocketAddress) joined.channel().localAddress();
        client.joinTo(joined);
        joined.joinTo(client);
    }

    /** From where its server sees it come; absent before it is joined. Any thread may ask. */
    @Nullable InetSocketAddress session() {
        return session;
    }

    private void freeze(int round) {
        Leg joined = server;
        if (stage == Stage.JOINED && joined != null) {
            Standstill begun =
                    new Standstill(
                            client, joined, still -> report(new ConnectionEvent.Still(still)));
            standstill = begun;
            begun.freeze(round);
        }
    }

    private void thaw() {
        if (standstill != null) {
            standstill.thaw();
            standstill = null;
        }
    }

    void onFirstByte(Leg leg) {
        if (leg == server) {
            report(new ConnectionEvent.ServerSpoke());
        }
    }

    /** The peer of a leg sends no more. */
    void onFinished(Leg leg) {
        Leg joined = server;
        if (stage == Stage.JOINED && joined != null) {
            if (leg == client) {
                // What the server still owes comes all the same; then the server ends it.
                joined.finishOutput();
            } else {
                closeBoth(joined);
            }
            return;
        }
        if (leg == client) {
            if (stage == Stage.OPENING && opening() == Opening.INCOMPLETE) {
                close(CloseCause.CLIENT_GONE);
            } else {
                report(new ConnectionEvent.ClientFinished());
            }
        } else if (leg == server && stage == Stage.WAITING) {
            onInactive(leg);
        }
    }

    /** The server has said everything: the client gets all of it, then both are closed. */
    private void closeBoth(Leg joined) {
        var _ =
                client.channel()
                        .closeFuture()
                        .addListener(_ -> {
                            var _ = joined.channel().close();
                        });
        endClient();
    }

    private void endClient() {
        if (client.isFrozen()) {
            client.closeAfterLastWords();
        } else {
            client.closeAfterFlush();
        }
    }

    void onInactive(Leg leg) {
        if (leg == client) {
            if (server != null && stage == Stage.JOINED) {
                server.closeAfterFlush();
            } else {
                dropServer();
            }
            closeCancels();
        } else if (leg == server) {
            if (stage == Stage.WAITING) {
                // Nothing of the client has been given to it, so another may be tried.
                dropServer();
                report(new ConnectionEvent.ConnectFailed(attempt));
            } else {
                endClient();
            }
        }
        endIfClosed();
    }

    private void answerNo() {
        ByteBuf early = client.early();
        if (early != null) {
            early.skipBytes(Opening.lengthOf(early.nioBuffer()));
        }
        var _ = client.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'N'}));
        stage = Stage.OPENING;
        onEarly(client);
    }

    /** The server closes a cancel request's connection when it has acted on it; then so do we. */
    private void fanOut(List<Target> targets) {
        ByteBuf early = client.early();
        if (early == null) {
            close(CloseCause.CANCEL_DONE);
            return;
        }
        ByteBuf request = early.slice(early.readerIndex(), Opening.lengthOf(early.nioBuffer()));
        byte[] bytes = new byte[request.readableBytes()];
        request.getBytes(request.readerIndex(), bytes);
        for (Target target : targets) {
            Channel channel = dialer.send(client.channel().eventLoop(), target.server(), bytes);
            cancels.add(channel);
        }
        for (Channel channel : List.copyOf(cancels)) {
            var _ =
                    channel.closeFuture()
                            .addListener(_ -> {
                                cancels.remove(channel);
                                if (cancels.isEmpty()) {
                                    close(CloseCause.CANCEL_DONE);
                                }
                            });
        }
    }

    private void closeCancels() {
        for (Channel channel : List.copyOf(cancels)) {
            var _ = channel.close();
        }
    }

    private void close(CloseCause reason) {
        end(reason);
        dropServer();
        closeCancels();
        var _ = client.channel().close();
        endIfClosed();
    }

    private void cut(CloseCause reason) {
        end(reason);
        if (server != null) {
            server.reset();
        }
        client.reset();
        endIfClosed();
    }

    private void end(CloseCause reason) {
        stage = Stage.ENDING;
        cause = reason;
    }

    private void endIfClosed() {
        boolean serverOpen = server != null && server.channel().isOpen();
        if (hasEnded || serverOpen || client.channel().isOpen()) {
            return;
        }
        hasEnded = true;
        client.release();
        if (server != null) {
            server.release();
        }
        report(new ConnectionEvent.Ended(cause));
    }

    private void report(ConnectionEvent event) {
        reports.report(this, event);
    }
}
