package io.matriarch.postgres.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

/**
 * Lets the JDBC driver, which knows TCP only, talk through a Unix socket. Public because the driver
 * makes it by name.
 */
public final class UnixSocketFactory extends SocketFactory {

    private final UnixDomainSocketAddress address;

    /** The driver passes the path of the socket. */
    public UnixSocketFactory(String path) {
        this.address = UnixDomainSocketAddress.of(path);
    }

    @Override
    public Socket createSocket() throws IOException {
        return new ChannelSocket(address);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        return createSocket();
    }

    /** The few operations that the driver uses; options of TCP mean nothing here. */
    private static final class ChannelSocket extends Socket {

        private final SocketChannel channel;
        private final UnixDomainSocketAddress address;

        ChannelSocket(UnixDomainSocketAddress address) throws IOException {
            this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            this.address = address;
        }

        @Override
        public void connect(SocketAddress ignored, int timeout) throws IOException {
            channel.connect(address);
        }

        @Override
        public void connect(SocketAddress ignored) throws IOException {
            channel.connect(address);
        }

        @Override
        public InputStream getInputStream() {
            return Channels.newInputStream(channel);
        }

        @Override
        public OutputStream getOutputStream() {
            return Channels.newOutputStream(channel);
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public void setTcpNoDelay(boolean on) throws SocketException {}

        @Override
        public void setKeepAlive(boolean on) throws SocketException {}

        @Override
        public void setSoTimeout(int timeout) throws SocketException {}

        @Override
        public int getSoTimeout() {
            return 0;
        }

        @Override
        public void setReceiveBufferSize(int size) throws SocketException {}

        @Override
        public void setSendBufferSize(int size) throws SocketException {}

        @Override
        public int getSendBufferSize() {
            return 8192;
        }

        @Override
        public int getReceiveBufferSize() {
            return 8192;
        }
    }
}
