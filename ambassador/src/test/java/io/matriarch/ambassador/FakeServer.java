package io.matriarch.ambassador;

import io.matriarch.elector.situation.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server whose behaviour a test gives; it stands for a Postgres where only bytes matter. */
final class FakeServer implements AutoCloseable {

    /** What happens with one accepted connection. Its end closes the socket. */
    interface Behaviour {
        void serve(Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket door;
    private final Behaviour behaviour;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();

    private FakeServer(ServerSocket door, Behaviour behaviour) {
        this.door = door;
        this.behaviour = behaviour;
        Thread.ofVirtual().start(this::accept);
    }

    static FakeServer open(Behaviour behaviour) throws IOException {
        return at(0, behaviour);
    }

    static FakeServer at(int port, Behaviour behaviour) throws IOException {
        return new FakeServer(
                new ServerSocket(port, 1_000, InetAddress.getLoopbackAddress()), behaviour);
    }

    /** Reads a startup packet, says its name with a byte, then echoes. */
    static FakeServer echo(char name) throws IOException {
        return open(socket -> {
            if (Clients.readPacket(socket.getInputStream()).length == 0) {
                return;
            }
            socket.getOutputStream().write(name);
            byte[] buffer = new byte[64 << 10];
            int read = socket.getInputStream().read(buffer);
            while (read > 0) {
                socket.getOutputStream().write(buffer, 0, read);
                read = socket.getInputStream().read(buffer);
            }
        });
    }

    Endpoint endpoint() {
        return new Endpoint("127.0.0.1", door.getLocalPort());
    }

    int accepted() {
        return accepted.get();
    }

    int open() {
        return open.size();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket socket = door.accept();
                accepted.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            behaviour.serve(socket);
        } catch (IOException reset) {
            // The other side is free to go at any time.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
