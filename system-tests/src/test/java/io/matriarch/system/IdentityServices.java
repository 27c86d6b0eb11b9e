package io.matriarch.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What gives out credentials, by the documentation of each: the security token service at {@code
 * /}, the endpoint of a container's credentials at {@code /container}; and a bucket that is empty,
 * and takes note of who asks it.
 */
final class IdentityServices implements AutoCloseable {

    static final String CONTAINER_TOKEN = "container-authorization";

    private final HttpServer server;
    private final AtomicInteger given = new AtomicInteger();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final List<Caller> callers = new CopyOnWriteArrayList<>();
    private volatile Duration lifetime = Duration.ofHours(1);

    /** Who asked the bucket for something. */
    record Caller(String accessKey, String sessionToken) {}

    private IdentityServices() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::tokens);
        server.createContext("/container", this::container);
        server.createContext("/bucket", this::bucket);
        server.start();
    }

    static IdentityServices start() throws IOException {
        return new IdentityServices();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String repository(String options) {
        return "s3://bucket/prefix?endpoint=" + url() + "&path-style=true" + options;
    }

    /** How long what is given out from now on is valid. */
    void giveFor(Duration time) {
        lifetime = time;
    }

    /** What the token service was asked, decoded, and what the container's endpoint was shown. */
    List<String> questions() {
        return questions;
    }

    List<Caller> callers() {
        return callers;
    }

    private void tokens(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        questions.add(URLDecoder.decode(body, UTF_8));
        String action =
                body.contains("Action=AssumeRoleWithWebIdentity")
                        ? "AssumeRoleWithWebIdentity"
                        : "AssumeRole";
        int number = given.incrementAndGet();
        send(
                exchange,
                "text/xml",
                """
                <%1$sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%1$sResult>
                <Credentials><AccessKeyId>GIVEN%2$d</AccessKeyId>
                <SecretAccessKey>word</SecretAccessKey>
                <SessionToken>session-%2$d</SessionToken>
                <Expiration>%3$s</Expiration></Credentials>
                </%1$sResult></%1$sResponse>
                """
                        .formatted(action, number, Instant.now().plus(lifetime)));
    }

    private void container(HttpExchange exchange) throws IOException {
        questions.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        int number = given.incrementAndGet();
        send(
                exchange,
                "application/json",
                """
                {"AccessKeyId": "GIVEN%1$d", "SecretAccessKey": "word", "Token": "session-%1$d",
                 "Expiration": "%2$s"}
                """
                        .formatted(number, Instant.now().plus(lifetime)));
    }

    private void bucket(HttpExchange exchange) throws IOException {
        String authorization =
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        callers.add(
                new Caller(
                        authorization.replaceFirst(".*Credential=([^/]*)/.*", "$1"),
                        String.valueOf(
                                exchange.getRequestHeaders().getFirst("X-Amz-Security-Token"))));
        send(
                exchange,
                "application/xml",
                """
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                <Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated>
                </ListBucketResult>
                """);
    }

    private static void send(HttpExchange exchange, String type, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
