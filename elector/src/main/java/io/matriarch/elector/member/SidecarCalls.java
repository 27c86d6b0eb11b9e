package io.matriarch.elector.member;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/** The way to the HTTP APIs of sidecars, for letters that are sealed. */
final class SidecarCalls implements AutoCloseable {

    private final SecureRandom random = new SecureRandom();
    private final HttpClient client;

    SidecarCalls(Duration connectPatience) {
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(connectPatience)
                        .build();
    }

    /** What makes a question the only one of its kind. */
    String nonce() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** What is answered to a question. */
    String ask(URI address, String question, Duration patience)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address)
                        .timeout(patience)
                        .header("Content-Type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString(question))
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
