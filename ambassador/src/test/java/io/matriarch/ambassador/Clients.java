package io.matriarch.ambassador;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Clients that speak just enough of PostgreSQL's protocol. */
final class Clients {

    static final byte[] SSL_REQUEST = packet(80_877_103, new byte[0]);
    static final byte[] STARTUP =
            packet(196_608, "user\0u\0\0".getBytes(StandardCharsets.US_ASCII));

    private Clients() {}

    static byte[] packet(int code, byte[] rest) {
        return ByteBuffer.allocate(8 + rest.length)
                .putInt(8 + rest.length)
                .putInt(code)
                .put(rest)
                .array();
    }

    static byte[] cancel(int pid, int key) {
        return packet(80_877_102, ByteBuffer.allocate(8).putInt(pid).putInt(key).array());
    }

    /** Connects and sends a startup packet. */
    static Socket begin(InetSocketAddress address) throws IOException {
        Socket socket = connect(address);
        socket.getOutputStream().write(STARTUP);
        return socket;
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(address, 5_000);
        return socket;
    }

    /** The packet with its length; empty at the end of the stream. */
    static byte[] readPacket(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        try {
            int length = data.readInt();
            return ByteBuffer.allocate(length)
                    .putInt(length)
                    .put(data.readNBytes(length - 4))
                    .array();
        } catch (EOFException end) {
            return new byte[0];
        }
    }
}
