package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Port;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two doors. At the limit of sessions both stop accepting and the kernel's queue takes over; a
 * client is never accepted to be sent away for want of room.
 */
final class Listeners {

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final EventLoopGroup group;
    private final Transport transport;
    private final RelaySettings settings;
    private final Connection.Services services;
    private final List<Channel> doors = new CopyOnWriteArrayList<>();
    private final AtomicLong lastId = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();

    Listeners(
            EventLoopGroup group,
            Transport transport,
            RelaySettings settings,
            Connection.Services services) {
        this.group = group;
        this.transport = transport;
        this.settings = settings;
        this.services = services;
    }

    /**
     * Opens a door and says where it is.
     *
     * @throws RelayException if the address cannot be had
     */
    InetSocketAddress listen(Port port, InetSocketAddress address) throws InterruptedException {
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(group)
                        .channel(transport.listener())
                        .option(ChannelOption.SO_BACKLOG, settings.listen().backlog())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .handler(new DoorTrouble())
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.AUTO_CLOSE, false)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(
                                        settings.socket().lowWater(),
                                        settings.socket().highWater()))
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel client) {
                                        admit(client, port);
                                    }
                                });
        transport.vigilance(settings.socket(), bootstrap::childOption);
        ChannelFuture bound = bootstrap.bind(address).await();
        if (!bound.isSuccess()) {
            throw new RelayException(
                    "listen address: " + address + " (expected: a free one of this machine)",
                    "Choose another port, or 0 for any; or end what listens there.",
                    bound.cause());
        }
        doors.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    void close() throws InterruptedException {
        for (Channel door : doors) {
            door.close().await();
        }
    }

    private void admit(Channel client, Port port) {
        ConnectionId id = new ConnectionId(lastId.incrementAndGet());
        client.pipeline().addLast(new Connection(id, port, client, services).client());
        int limit = settings.listen().maxSessions();
        if (open.incrementAndGet() == limit) {
            log.atWarn().addKeyValue("limit", limit).log("session limit reached, not accepting");
            regulate();
        }
        var _ =
                client.closeFuture()
                        .addListener(_ -> {
                            if (open.getAndDecrement() == limit) {
                                log.atInfo().log("below the session limit, accepting");
                                regulate();
                            }
                        });
    }

    /**
     * Looks at the count only on the door's own loop, so the last to change it has the last word.
     */
    private void regulate() {
        for (Channel door : doors) {
            door.eventLoop()
                    .execute(() ->
                            door.config()
                                    .setAutoRead(open.get() < settings.listen().maxSessions()));
        }
    }

    /**
     * No descriptors left, or the like: Netty pauses the door for a second. It says nothing of
     * servers.
     */
    @Sharable
    private static final class DoorTrouble extends ChannelInboundHandlerAdapter {

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.atWarn().addKeyValue("error", cause).log("accept failed, pausing");
            context.fireExceptionCaught(cause);
        }
    }
}
