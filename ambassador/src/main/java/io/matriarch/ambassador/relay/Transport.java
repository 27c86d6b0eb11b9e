package io.matriarch.ambassador.relay;

import io.netty.bootstrap.AbstractBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketOption;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/**
 * How sockets are driven: Linux's epoll where its native library loads, the JDK's selector
 * elsewhere. Neither {@code splice} (loses bytes at the end of a stream) nor io_uring (stalls) is
 * used.
 */
public enum Transport {
    EPOLL,
    NIO;

    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    IoHandlerFactory handlers() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }

    Class<? extends ServerChannel> listener() {
        return switch (this) {
            case EPOLL -> EpollServerSocketChannel.class;
            case NIO -> NioServerSocketChannel.class;
        };
    }

    Class<? extends Channel> socket() {
        return switch (this) {
            case EPOLL -> EpollSocketChannel.class;
            case NIO -> NioSocketChannel.class;
        };
    }

    /** Whether what was written to a socket has reached its peer's kernel. */
    enum Delivery {
        ACKNOWLEDGED(0),
        UNDER_WAY(1),
        /** The transport does not tell: after a while it is taken for granted. */
        UNKNOWN(30);

        private final long look;

        Delivery(long look) {
            this.look = look;
        }

        /** After so many milliseconds it is worth another look. */
        long look() {
            return look;
        }
    }

    /** Nothing that is to be written may wait in the channel. */
    static Delivery delivery(Channel channel) {
        if (!(channel instanceof EpollSocketChannel socket)) {
            return Delivery.UNKNOWN;
        }
        return socket.tcpInfo().unacked() == 0 ? Delivery.ACKNOWLEDGED : Delivery.UNDER_WAY;
    }

    /** Sets an option of a bootstrap: {@link AbstractBootstrap#option} or its twin for children. */
    interface OptionSetter {
        <T> Object set(ChannelOption<T> option, T value);
    }

    /** Every option by which a dead peer is noticed. */
    void vigilance(SocketSettings settings, OptionSetter options) {
        options.set(ChannelOption.SO_KEEPALIVE, true);
        options.set(ChannelOption.TCP_NODELAY, true);
        seconds(settings).forEach(options::set);
        if (this == EPOLL && settings.userTimeout().isPositive()) {
            options.set(
                    EpollChannelOption.TCP_USER_TIMEOUT,
                    Math.toIntExact(settings.userTimeout().toMillis()));
        }
    }

    private Map<ChannelOption<Integer>, Integer> seconds(SocketSettings settings) {
        int idle = Math.toIntExact(settings.keepAliveIdle().toSeconds());
        int interval = Math.toIntExact(settings.keepAliveInterval().toSeconds());
        Map<ChannelOption<Integer>, Integer> options = new LinkedHashMap<>();
        switch (this) {
            case EPOLL -> {
                options.put(EpollChannelOption.TCP_KEEPIDLE, idle);
                options.put(EpollChannelOption.TCP_KEEPINTVL, interval);
                options.put(EpollChannelOption.TCP_KEEPCNT, settings.keepAliveCount());
            }
            case NIO -> {
                options.put(nio(ExtendedSocketOptions.TCP_KEEPIDLE), idle);
                options.put(nio(ExtendedSocketOptions.TCP_KEEPINTERVAL), interval);
                options.put(nio(ExtendedSocketOptions.TCP_KEEPCOUNT), settings.keepAliveCount());
            }
        }
        return options;
    }

    private static ChannelOption<Integer> nio(SocketOption<Integer> option) {
        return NioChannelOption.of(option);
    }
}
