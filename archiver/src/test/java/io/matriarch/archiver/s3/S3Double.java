package io.matriarch.archiver.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.matriarch.archiver.s3.DoubleReply.Refusal;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A double of S3 for what none of the servers that can be had does right. Its semantics follow
 * Amazon's documentation of each operation; everything is in memory, in one bucket. It looks at no
 * signature, but at the time in it.
 */
public final class S3Double implements AutoCloseable {

    private static final String BUCKET = "archive";
    private static final Duration SKEW = Duration.ofMinutes(15);
    private static final DateTimeFormatter SIGNED =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final DoubleTraits traits;
    private final DoubleBucket bucket;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<DoubleRequest> requests = new CopyOnWriteArrayList<>();

    private S3Double(DoubleTraits traits, DoubleBucket bucket, @Nullable SSLContext tls) {
        this.traits = traits;
        this.bucket = bucket;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                server = HttpServer.create(anyPort, 0);
            } else {
                HttpsServer secure = HttpsServer.create(anyPort, 0);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = secure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public static S3Double start(DoubleTraits traits) {
        return new S3Double(traits, new DoubleBucket(traits), null);
    }

    /** A double of Amazon with a bucket that may be of a special kind. */
    public static S3Double start(DoubleBucket bucket) {
        return new S3Double(DoubleTraits.AMAZON, bucket, null);
    }

    static S3Double startSecure(DoubleTraits traits, TestCertificate certificate) {
        return new S3Double(traits, new DoubleBucket(traits), certificate.context());
    }

    public DoubleBucket bucket() {
        return bucket;
    }

    /** All requests so far; those that were refused too. */
    List<DoubleRequest> requests() {
        return requests;
    }

    public StoreSettings settings(String prefix) {
        return settings(prefix, "");
    }

    /**
     * @param options more of the repository's URL, beginning with {@code &}
     */
    public StoreSettings settings(String prefix, String options) {
        return settings(location(prefix, options));
    }

    /** It lets anybody in. */
    public static StoreSettings settings(StoreLocation location) {
        return StoreSettings.of(location)
                .withCredentials(StoreCredentials.of("somebody", "whatever"));
    }

    public StoreLocation location(String prefix, String options) {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return StoreLocation.parse(
                "s3://%s/%s?endpoint=%s://127.0.0.1:%d&path-style=true%s"
                        .formatted(BUCKET, prefix, scheme, port(), options));
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        DoubleReply reply;
        try {
            DoubleRequest request = DoubleRequest.read(exchange, bucket::changes);
            requests.add(request);
            reply = answer(request);
        } catch (Refusal e) {
            reply = e.reply();
        }
        send(exchange, reply);
    }

    private DoubleReply answer(DoubleRequest request) {
        requireTime(request);
        if (!request.bucket().equals(BUCKET)) {
            throw new Refusal(404, "NoSuchBucket", request.bucket());
        }
        if (!traits.knowsChecksums() && request.header("x-amz-trailer").isPresent()) {
            throw new Refusal(501, "NotImplemented", "a header is not implemented");
        }
        return switch (request.method()) {
            case "PUT" -> request.asks("uploadId") ? bucket.putPart(request) : bucket.put(request);
            case "HEAD" -> bucket.head(request);
            case "GET" -> get(request);
            case "POST" -> post(request);
            case "DELETE" -> bucket.abort(request);
            default -> throw new Refusal(405, "MethodNotAllowed", request.method());
        };
    }

    private DoubleReply get(DoubleRequest request) {
        if (!request.key().isEmpty()) {
            return bucket.get(request);
        }
        return request.asks("uploads") ? bucket.listUploads(request) : bucket.list(request);
    }

    private DoubleReply post(DoubleRequest request) {
        if (request.asks("delete")) {
            return bucket.delete(request);
        }
        return request.asks("uploads") ? bucket.beginParts(request) : bucket.complete(request);
    }

    /** Signatures are not looked at, but when they were made is. */
    private void requireTime(DoubleRequest request) {
        Optional<Instant> signed =
                request.header("x-amz-date").map(text -> Instant.from(SIGNED.parse(text)));
        if (signed.isPresent()
                && Duration.between(signed.get(), Instant.now().plus(traits.clock()))
                                .abs()
                                .compareTo(SKEW)
                        > 0) {
            throw new Refusal(403, "RequestTimeTooSkewed", "the difference is too large");
        }
    }

    private void send(HttpExchange exchange, DoubleReply reply) throws IOException {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        boolean isEmpty = reply.body().length == 0;
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), isEmpty || isHead ? -1 : reply.body().length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!isEmpty && !isHead) {
                out.write(reply.body());
            }
        }
    }
}
