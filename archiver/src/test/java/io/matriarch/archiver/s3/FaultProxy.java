package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ServerSocketFactory;

/**
 * Stands in front of an S3 server, passes on what it is sent, and fails on demand. It may speak TLS
 * to its clients, as what stands before a service often does; to the server it does not.
 */
public final class FaultProxy implements AutoCloseable {

    private final URI server;
    private final Optional<TestCertificate> certificate;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Passing> passed = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Function<Passing, Fault> faults = _ -> Fault.NONE;

    private FaultProxy(URI server, Optional<TestCertificate> certificate) {
        this.server = server;
        this.certificate = certificate;
        ServerSocketFactory sockets =
                certificate
                        .<ServerSocketFactory>map(it -> it.context().getServerSocketFactory())
                        .orElseGet(ServerSocketFactory::getDefault);
        try {
            this.listener = sockets.createServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("fault-proxy").start(this::accept);
    }

    /** In front of the server that the settings name. */
    public static FaultProxy before(StoreSettings settings) {
        return new FaultProxy(
                bucket(settings).options().endpoint().orElseThrow(), Optional.empty());
    }

    /** The same, reached over TLS. */
    public static FaultProxy before(StoreSettings settings, TestCertificate certificate) {
        return new FaultProxy(
                bucket(settings).options().endpoint().orElseThrow(), Optional.of(certificate));
    }

    /** The same settings, but through here. */
    public StoreSettings through(StoreSettings settings) {
        return through(settings, "");
    }

    /**
     * @param options more of the repository's URL, beginning with {@code &}
     */
    StoreSettings through(StoreSettings settings, String options) {
        String direct = settings.location().toString();
        String here =
                certificate
                        .map(it -> "https://127.0.0.1:%d&ca-file=" + it.pem())
                        .orElse("http://127.0.0.1:%d")
                        .formatted(listener.getLocalPort());
        StoreLocation location =
                StoreLocation.parse(
                        direct.replace("endpoint=" + server, "endpoint=" + here) + options);
        return new StoreSettings(
                location, settings.credentials(), settings.patience(), settings.attemptTimeout());
    }

    private static StoreLocation.Bucket bucket(StoreSettings settings) {
        if (settings.location() instanceof StoreLocation.Bucket bucket) {
            return bucket;
        }
        throw new IllegalArgumentException(settings.location() + " (expected: a bucket)");
    }

    /** From now on this decides for each request; it is asked by several threads. */
    public void faults(Function<Passing, Fault> decide) {
        faults = decide;
    }

    /** From now on everything goes through. */
    public void heal() {
        faults(_ -> Fault.NONE);
    }

    /** The fault for each request that fits, the first so many times. Returns how often it was. */
    public AtomicInteger fail(int times, Predicate<Passing> which, Fault fault) {
        AtomicInteger count = new AtomicInteger();
        faults(passing ->
                which.test(passing) && count.getAndIncrement() < times ? fault : Fault.NONE);
        return count;
    }

    /** All requests that came so far. */
    public List<Passing> passed() {
        return passed;
    }

    @Override
    public void close() {
        closed.countDown();
        closeQuietly(listener);
        open.forEach(FaultProxy::closeQuietly);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // Closed: nobody is served any more.
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket behind = new Socket(server.getHost(), server.getPort())) {
            open.add(behind);
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            InputStream answers = new BufferedInputStream(behind.getInputStream());
            while (pass(client, in, behind, answers)) {
                // One after the other, as they come.
            }
        } catch (IOException e) {
            // Either side has gone: so does the other.
        } finally {
            open.remove(client);
        }
    }

    /** Whether the connection can take another request. */
    private boolean pass(Socket client, InputStream in, Socket behind, InputStream answers)
            throws IOException {
        OutputStream back = client.getOutputStream();
        Optional<HttpMessage> request = HttpMessage.readRequest(in, back);
        if (request.isEmpty()) {
            return false;
        }
        Passing passing = request.get().passing();
        passed.add(passing);
        boolean isHead = passing.method().equals("HEAD");
        switch (faults.apply(passing)) {
            case Fault.None() -> forward(request.get(), behind, answers).writeTo(back);
            case Fault.Refuse(int status, String code) ->
                    answer(status, Fault.error(code), Instant.now()).writeTo(back, isHead);
            case Fault.SkewedClock(Duration ahead) ->
                    answer(403, Fault.error("RequestTimeTooSkewed"), Instant.now().plus(ahead))
                            .writeTo(back, isHead);
            case Fault.Reset() -> {
                return reset(client);
            }
            case Fault.LoseAnswer() -> {
                forward(request.get(), behind, answers);
                return reset(client);
            }
            case Fault.ReplaceAnswer(int status, String body) -> {
                forward(request.get(), behind, answers);
                answer(status, body, Instant.now()).writeTo(back, isHead);
            }
            case Fault.Truncate(int bytes) -> {
                HttpMessage whole = forward(request.get(), behind, answers);
                int kept = Math.min(bytes, whole.body().length);
                back.write(whole.head().getBytes(ISO_8859_1));
                back.write(whole.body(), 0, kept);
                back.flush();
                // Not a reset: what was sent must arrive.
                client.shutdownOutput();
                return false;
            }
            case Fault.Flip(int position) -> {
                HttpMessage whole = forward(request.get(), behind, answers);
                whole.body()[Math.floorMod(position, whole.body().length)] ^= 1;
                whole.writeTo(back);
            }
            case Fault.CutUp(int bytes) ->
                    forward(request.get().cut(bytes), behind, answers).writeTo(back, isHead);
            case Fault.FlipUp(int position) ->
                    forward(request.get().flipped(position), behind, answers).writeTo(back, isHead);
            case Fault.BlackHole() -> {
                awaitClosed();
                return false;
            }
        }
        return true;
    }

    private static HttpMessage forward(HttpMessage request, Socket behind, InputStream answers)
            throws IOException {
        request.writeTo(behind.getOutputStream());
        return HttpMessage.readAnswer(answers, request.passing().method().equals("HEAD"));
    }

    private static HttpMessage answer(int status, String body, Instant date) {
        byte[] bytes = body.getBytes(UTF_8);
        return new HttpMessage(
                "HTTP/1.1 %d Made up\r\nDate: %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
                        .formatted(
                                status,
                                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                        date.atOffset(ZoneOffset.UTC)),
                                bytes.length),
                bytes);
    }

    /** Not an orderly end: what was sent and not yet read is lost. */
    private static boolean reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
        return false;
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(Closeable part) {
        try {
            part.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
