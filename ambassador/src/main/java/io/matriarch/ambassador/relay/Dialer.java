package io.matriarch.ambassador.relay;

import io.matriarch.elector.situation.Endpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.ReferenceCountUtil;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.function.Function;

/** Opens sockets to servers, on the event loop of the client they are for. */
final class Dialer {

    private final Transport transport;
    private final SocketSettings settings;
    private final Addresses addresses;

    Dialer(Transport transport, SocketSettings settings, Addresses addresses) {
        this.transport = transport;
        this.settings = settings;
        this.addresses = addresses;
    }

    /** The socket does not read until it is told to. {@code legs} makes its handler. */
    ChannelFuture dial(EventLoop loop, Endpoint server, Function<Channel, ChannelHandler> legs) {
        InetSocketAddress address = addresses.of(server);
        Bootstrap bootstrap =
                bootstrap(loop)
                        .option(ChannelOption.AUTO_READ, false)
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(legs.apply(channel));
                                    }
                                });
        if (address == null) {
            return unknown(bootstrap, loop, server);
        }
        return bootstrap
                .connect(address)
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        addresses.learn(server);
                    }
                });
    }

    private static ChannelFuture unknown(Bootstrap bootstrap, EventLoop loop, Endpoint server) {
        Channel channel = bootstrap.register().channel();
        var _ = channel.close();
        return new DefaultChannelPromise(channel, loop)
                .setFailure(new ConnectException("address: " + server + " is not known yet"));
    }

    /** Sends a few bytes and waits for the server to close. */
    Channel send(EventLoop loop, Endpoint server, byte[] bytes) {
        Bootstrap bootstrap = bootstrap(loop).handler(new Sending(bytes));
        InetSocketAddress address = addresses.of(server);
        if (address == null) {
            return unknown(bootstrap, loop, server).channel();
        }
        ChannelFuture connecting = bootstrap.connect(address);
        return connecting.channel();
    }

    private Bootstrap bootstrap(EventLoop loop) {
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(transport.socket())
                        .disableResolver()
                        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .option(ChannelOption.AUTO_CLOSE, false)
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(
                                        settings.lowWater(), settings.highWater()));
        transport.vigilance(settings, bootstrap::option);
        return bootstrap;
    }

    private static final class Sending extends ChannelInboundHandlerAdapter {

        private final byte[] bytes;

        Sending(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            var _ = context.writeAndFlush(Unpooled.wrappedBuffer(bytes));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            var _ = context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
