package io.matriarch.failover.side;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A way over TCP that can be cut: nothing is told to either end then, and what they send is held,
 * as by a network that will deliver it when it is mended.
 */
public final class Relay implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final int CONNECT_MILLIS = 2_000;

    /** What gets through. */
    public enum Passing {
        BOTH,
        NEITHER,
        TO_SERVER,
        TO_CLIENT;

        private boolean lets(boolean isToServer) {
            return this == BOTH || this == (isToServer ? TO_SERVER : TO_CLIENT);
        }
    }

    private final ServerSocket listening;
    private final int server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Passing passing = Passing.BOTH;

    private Relay(ServerSocket listening, int server) {
        this.listening = listening;
        this.server = server;
    }

    /** To a port of this machine. */
    public static Relay to(int server, int port) {
        try {
            ServerSocket listening = new ServerSocket();
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Relay relay = new Relay(listening, server);
            Thread.ofVirtual().name("relay " + server).start(relay::accept);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    public void let(Passing now) {
        lock.lock();
        try {
            passing = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> join(client));
            }
        } catch (IOException e) {
            if (!listening.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void join(Socket client) {
        Socket onward = new Socket();
        open.add(client);
        open.add(onward);
        try {
            // A connection is made only where both directions pass.
            await(true);
            await(false);
            onward.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server),
                    CONNECT_MILLIS);
            onward.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            Thread back = Thread.ofVirtual().start(() -> copy(onward, client, false));
            copy(client, onward, true);
            back.join();
        } catch (IOException e) {
            // Its server is gone: so is the connection.
            end(client, onward);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(client, onward);
        }
    }

    private void copy(Socket from, Socket to, boolean isToServer) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length = in.read(buffer);
            while (length >= 0) {
                await(isToServer);
                out.write(buffer, 0, length);
                length = in.read(buffer);
            }
            await(isToServer);
        } catch (IOException e) {
            // One end is gone; the other learns of it below.
            end(from, to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(from, to);
        }
    }

    private void await(boolean isToServer) throws InterruptedException {
        lock.lock();
        try {
            while (!passing.lets(isToServer)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(Socket one, Socket other) {
        for (Socket socket : List.of(one, other)) {
            open.remove(socket);
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        let(Passing.BOTH);
        open.forEach(socket -> end(socket, socket));
    }
}
